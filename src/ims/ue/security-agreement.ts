/**
 * The security agreement between UE and P-CSCF (RFC 3329) and the IPsec security associations that come of it
 * (TS 33.203 §7). The bus knows hosts, not ports: the port that a request came from is the one in its Via.
 */
import type { Micros } from '../../sim/time.ts'
import type { Parameterised } from '../../sip/headers.ts'

/** TS 33.203 §7.1: the integrity algorithms, by the names of `alg`. */
export const integrityAlgorithms = ['hmac-sha-1-96', 'hmac-md5-96'] as const
export type IntegrityAlgorithm = (typeof integrityAlgorithms)[number]

/** One side of a set of security associations: a pair of ports, each with the index by which the other side sends. */
export interface SecurityEnd {
  readonly spiClient: number
  readonly spiServer: number
  readonly portClient: number
  readonly portServer: number
}

/**
 * TS 33.203 §7.1: two pairs of security associations, one in each direction for each pair of ports. `temporary` until
 * the REGISTER that answers the challenge has been accepted; `old` from then on for the ones before. Replaced, never
 * changed.
 */
export interface SecurityAssociations {
  readonly state: 'temporary' | 'established' | 'old'
  readonly ue: SecurityEnd
  readonly proxy: SecurityEnd
  readonly algorithm: IntegrityAlgorithm
  /** IK and CK, as hexadecimal text. */
  readonly integrityKey: string
  readonly cipherKey: string
  /** When they are deleted unless a registration prolongs them. */
  readonly expiresAt: Micros
}

/** RFC 3329 §2.2, TS 33.203 §7.2: one mechanism for each algorithm, the most preferred first. */
export function mechanismsOf(
  algorithms: readonly IntegrityAlgorithm[],
  { spiClient, spiServer, portClient, portServer }: SecurityEnd,
  isServer: boolean,
): Parameterised[] {
  return algorithms.map((alg, index) => ({
    value: 'ipsec-3gpp',
    params: {
      // RFC 3329 §2.2: only the server says what it prefers.
      ...(isServer && { q: preference(algorithms.length - index) }),
      alg,
      'spi-c': String(spiClient),
      'spi-s': String(spiServer),
      'port-c': String(portClient),
      'port-s': String(portServer),
    },
  }))
}

/** A preference between 0 and 1, higher for what is preferred. */
const preference = (rank: number): string => (rank >= 10 ? '1' : `0.${rank}`)

/** A mechanism of the other side that this side can use too. */
export interface ChosenMechanism {
  readonly algorithm: IntegrityAlgorithm
  readonly end: SecurityEnd
}

/** RFC 3329 §2.3.1: the first of the other side's mechanisms, by its preference, that this side supports. */
export function choose(
  offered: readonly Parameterised[] | undefined,
  supported: readonly IntegrityAlgorithm[],
): ChosenMechanism | undefined {
  const byPreference = [...(offered ?? [])].sort((one, other) => preferenceOf(other) - preferenceOf(one))
  for (const { value, params } of byPreference) {
    const algorithm = supported.find((one) => one === params.alg)
    const end = endOf(params)
    const usual = (params.prot ?? 'esp') === 'esp' && (params.mod ?? 'trans') === 'trans'
    if (value === 'ipsec-3gpp' && usual && algorithm !== undefined && end !== undefined) return { algorithm, end }
  }
  return undefined
}

/** Thousandths, so that comparing them stays exact. */
function preferenceOf({ params }: Parameterised): number {
  const { q } = params
  const match = typeof q === 'string' ? /^([01])(?:\.(\d{0,3}))?$/.exec(q) : null
  return match === null ? 0 : Number(match[1]) * 1000 + Number((match[2] ?? '').padEnd(3, '0'))
}

function endOf(params: Parameterised['params']): SecurityEnd | undefined {
  const [spiClient, spiServer, portClient, portServer] = ['spi-c', 'spi-s', 'port-c', 'port-s'].map((name) => {
    const value = params[name]
    return typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : undefined
  })
  if (spiClient === undefined || spiServer === undefined) return undefined
  if (portClient === undefined || portServer === undefined) return undefined
  return { spiClient, spiServer, portClient, portServer }
}

/** RFC 3329 §2.3.1: are two lists of mechanisms the same, the order of parameters aside? */
export function sameMechanisms(
  one: readonly Parameterised[] | undefined,
  other: readonly Parameterised[] | undefined,
): boolean {
  if (one === undefined || other === undefined || one.length !== other.length) return false
  return one.every(({ value, params }, index) => {
    const second = other[index]!
    const names = Object.keys(params)
    if (value !== second.value || names.length !== Object.keys(second.params).length) return false
    return names.every((name) => Object.hasOwn(second.params, name) && second.params[name] === params[name])
  })
}

/** TS 33.203 §7.4: the new associations are in use; those before are old, and those before them are gone. */
export function established<S extends SecurityAssociations>(
  all: readonly S[],
  inUse: S,
  expiresAt: Micros,
): readonly S[] {
  const old = all
    .filter((one) => one !== inUse && one.state === 'established')
    .map((one) => ({ ...one, state: 'old' as const }))
  return [...old, { ...inUse, state: 'established', expiresAt }]
}

/** The associations without those that were set up for an authentication that goes on, or failed. */
export const withoutTemporary = <S extends SecurityAssociations>(all: readonly S[]): readonly S[] =>
  all.filter(({ state }) => state !== 'temporary')
