import { behaviours, isShared } from '../../src/flow/world.ts'
import { httpRequest, httpResponse } from '../../src/http/exchange.ts'
import type { HttpMessage, HttpRequest } from '../../src/http/message.ts'
import type { AuthenticationProxySettings } from '../../src/ims/gba/authentication-proxy-state.ts'
import { bootstrap, bootstrappingTimer } from '../../src/ims/gba/bootstrapping-client.ts'
import type { BsfSettings } from '../../src/ims/gba/bsf-state.ts'
import { failOverUt, sendOverUt, takeOverUt, type UtOutcome } from '../../src/ims/gba/ut-access.ts'
import { newUtAccess, type UtAccess, type UtAccessSettings } from '../../src/ims/gba/ut-access-state.ts'
import type { UtServiceSettings } from '../../src/ims/gba/ut-service.ts'
import type { HssSettings } from '../../src/ims/hss/hss.ts'
import type { SubscriberSecurity } from '../../src/ims/hss/subscription.ts'
import { type Message, overTheWire, printMessage } from '../../src/message.ts'
import { momentOf } from '../../src/presence/wall-clock.ts'
import { IdentifiedTurn } from '../../src/sim/identified-turn.ts'
import type { Amendment, Decision, Node } from '../../src/sim/node.ts'
import { rule } from '../../src/sim/rule.ts'
import { Simulation } from '../../src/sim/simulation.ts'
import { seconds } from '../../src/sim/time.ts'
import vectors from './material/milenage-35207.json' with { type: 'json' }

const set = vectors.sets[0]!
const test = rule('RFC 9110 §9', 'what the test asks and answers')
/** The sequence number before that of the test set. */
const provisioned = 0xff9bb4d0b5e6
const epoch = momentOf('2016-03-01T00:00:00Z')!

export const names = { ue: 'ue1', bsf: 'bsf.home1.net', hss: 'hss.home1.net', ap: 'ap.home1.net', as: 'ps.home1.net' }
/** The name by which the UE calls the application server. */
export const server = 'xcap.home1.net'
export const alice = 'sip:user1_public1@home1.net'
export const other = 'tel:+12125551111'

/** Asks what it is told to, and notes what becomes of it. */
interface Client {
  readonly access: UtAccess
  readonly outcomes: UtOutcome[]
}

const client: Node<Client, HttpMessage> = {
  title: 'Client',
  clause: '',
  start: (_address, settings) => ({ access: newUtAccess(settings as UtAccessSettings), outcomes: [] }),
  handle({ access, outcomes }, input, bare) {
    const turn = new IdentifiedTurn(bare)
    if (input.kind === 'command') {
      const { command } = input
      if (command.do === 'bootstrap') return bootstrap(access, turn)
      const { method = 'GET', target = '/doc', body, headers } = command as unknown as Partial<HttpRequest>
      const made = httpRequest(turn, test, method, target, {
        headers: { host: server, ...headers },
        ...(body !== undefined && { body }),
      })
      return sendOverUt(access, server, made, turn)
    }
    if (input.kind === 'message' && input.message.kind === 'response')
      outcomes.push(...takeOverUt(access, input.message, turn))
    if (input.kind === 'failure') outcomes.push(...failOverUt(access, input.message.exchange, turn))
    if (input.kind === 'timer' && input.timer.name === bootstrappingTimer)
      outcomes.push(...failOverUt(access, input.timer.of, turn))
  },
}

/** Answers 200 with what it was asked in the body; 404 for `/none`. */
const answering: Node<null, HttpMessage> = {
  title: 'Server',
  clause: '',
  start: () => null,
  handle(_state, input, bare) {
    if (input.kind !== 'message' || input.message.kind === 'response') return
    const status = input.message.target === '/none' ? 404 : 200
    bare.send(input.from, httpResponse(new IdentifiedTurn(bare), input.message, status, test, { body: 'the document' }))
  },
}

/** An answer of somebody who says what the test has it say. */
export interface Said {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Answers each request with the next of what it is to say, and goes on with the last; says nothing if there is none. */
const scripted: Node<Said[], HttpMessage> = {
  title: 'Scripted',
  clause: '',
  start: (_address, settings) => [...(settings as { said: readonly Said[] }).said],
  handle(said, input, bare) {
    if (input.kind !== 'message' || input.message.kind === 'response') return
    const next = said.length > 1 ? said.shift() : said[0]
    if (next === undefined) return
    const { status, ...changes } = next
    bare.send(input.from, httpResponse(new IdentifiedTurn(bare), input.message, status, test, changes))
  },
}

/** What of the world is other than usual. */
export interface UtWorldOptions {
  /** What is said in the place of the proxy, the BSF or the server, by address. */
  readonly said?: Readonly<Record<string, readonly Said[]>>
  /** How the application server knows who asks; it is none of the test's then, and has no documents. */
  readonly service?: UtServiceSettings
  /** True if there is no proxy: the name of the server is that of the server itself. */
  readonly isDirect?: boolean
  readonly ue?: Partial<UtAccessSettings>
  readonly isFaulty?: boolean
  readonly usimKey?: string
  readonly usimSqn?: number
  readonly bsf?: Partial<BsfSettings>
  readonly ap?: Partial<AuthenticationProxySettings>
  readonly security?: SubscriberSecurity
}

export const usual: SubscriberSecurity = {
  services: [{ service: '3', type: 3, identities: [alice, other], flags: ['1'], others: [] }],
}

/** A UE, a BSF with its HSS, and an authentication proxy before an application server. */
export class UtWorld {
  readonly simulation: Simulation<Message>
  readonly decisions: Decision[] = []
  /** What rules have made and changed. */
  readonly amended: Amendment<Message>[] = []
  /** What was sent, as `from to text`. */
  readonly sent: { readonly from: string; readonly to: string; readonly message: Message }[] = []

  constructor(options: UtWorldOptions = {}) {
    const all = { ...behaviours, client, server: answering, scripted }
    this.simulation = new Simulation<Message>({ behaviours: all, isShared, seed: 1, wire: overTheWire })
    const as = { identity: 'sip:ps.home1.net', network: 'home1.net', tags: [], chargingIds: [], firstSequence: 1 }
    const { said = {}, service } = options
    const add = (address: string, role: string, settings: unknown = {}): void =>
      said[address] === undefined
        ? this.simulation.add(address, role, settings)
        : this.simulation.add(address, 'scripted', { said: said[address] })
    add(names.ue, 'client', ueSettings(options))
    add(names.bsf, 'bsf', bsfSettings(options))
    add(names.hss, 'hss', hssSettings(options))
    add(names.ap, 'authentication-proxy', { ...proxySettings, ...options.ap })
    if (service === undefined) add(names.as, 'server')
    else add(names.as, 'application-server', { ...as, ut: service, roles: {} })
    this.simulation.alias(server, options.isDirect === true ? names.as : names.ap)
  }

  /** Has the UE ask, and lets all come of it that does; the status of the answer, or what else. */
  ask(command: Partial<HttpRequest> = {}): number | 'failed' | 'nothing' {
    const { outcomes } = this.simulation.seat(names.ue)!.state as Client
    outcomes.length = 0
    this.simulation.command(0, names.ue, { do: 'ask', ...command })
    this.run()
    return this.outcome()
  }

  /** What has become of the last request. */
  outcome(): number | 'failed' | 'nothing' {
    const [outcome] = (this.simulation.seat(names.ue)!.state as Client).outcomes
    if (outcome === undefined) return 'nothing'
    return outcome.kind === 'failed' ? 'failed' : outcome.response.status
  }

  do(command: { readonly do: string }): void {
    this.simulation.command(0, names.ue, command)
    this.run()
  }

  /** Lets so many seconds pass. */
  pass(time: number): void {
    this.run(time)
  }

  last(from: string, to: string, kind: 'request' | 'response'): HttpMessage {
    const found = this.sent.findLast((one) => one.from === from && one.to === to && one.message.kind === kind)
    if (found === undefined || found.message.protocol !== 'http') throw new Error(`nothing from ${from} to ${to}`)
    return found.message
  }

  all(from: string, to: string): Message[] {
    return this.sent.filter((one) => one.from === from && one.to === to).map(({ message }) => message)
  }

  /** The names of what was sent, in order. */
  ladder(): string[] {
    return this.sent.map(({ from, to, message }) => `${from} ${to} ${printMessage(message).split(/\r?\n/)[0]}`)
  }

  get access(): UtAccess {
    return (this.simulation.seat(names.ue)!.state as Client).access
  }

  private run(time = 0): void {
    const until = this.simulation.now + seconds(time)
    for (let due = this.simulation.next; due !== undefined && due <= until; due = this.simulation.next) {
      const { node, effects } = this.simulation.step()!
      for (const effect of effects)
        if (effect.kind === 'send') this.sent.push({ from: node, to: effect.to, message: effect.message })
        else if (effect.kind === 'decide') this.decisions.push(effect)
        else if (effect.kind === 'amend') this.amended.push(effect)
    }
    this.simulation.command(until - this.simulation.now, 'world', { do: 'heal' })
    this.simulation.step()
  }
}

function ueSettings({ ue, isFaulty = false, usimKey, usimSqn = provisioned }: UtWorldOptions): UtAccessSettings {
  return {
    method: 'gba',
    identity: alice,
    userAgent: 'test',
    username: 'user1',
    password: 'secret',
    forged: {},
    bootstrapping: {
      bsf: names.bsf,
      privateIdentity: 'user1_private@home1.net',
      secret: { k: usimKey ?? set.k, opc: set.opc },
      sqn: usimSqn,
      isFaulty,
    },
    epoch,
    ...ue,
  }
}

function bsfSettings({ bsf }: UtWorldOptions): BsfSettings {
  const nafs = [{ address: names.ap, names: [server] }]
  return { host: names.bsf, hss: names.hss, lifetime: 3600, epoch, nafs, ...bsf }
}

function hssSettings({ security = usual }: UtWorldOptions): HssSettings {
  return {
    users: {},
    challenges: [set.rand],
    subscriptions: [
      {
        privateIdentity: 'user1_private@home1.net',
        secret: { k: set.k, opc: set.opc },
        sqn: 0xff9bb4d0b5e6,
        amf: set.amf,
        sets: [{ identities: [{ identity: alice, isBarred: false }], criteria: [] }],
        capabilities: { mandatory: [], optional: [] },
        networks: undefined,
        chargingFunctions: [],
        state: 'registered',
        serverName: 'sip:scscf1.home1.net',
        security,
      },
    ],
  }
}

export const proxySettings: AuthenticationProxySettings = {
  servers: [{ name: server, address: names.as, service: '3', requires: undefined }],
  methods: ['gba'],
  algorithms: ['MD5', 'SHA-256'],
  bsfs: [names.bsf],
  accounts: { user1: { password: 'secret', identities: [alice], flags: [] } },
  secret: 'of the test',
  nonceLife: seconds(300),
  keyLife: undefined,
  limit: { requests: 10, within: seconds(60) },
  epoch,
}
