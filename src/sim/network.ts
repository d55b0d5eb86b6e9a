import type { Address, Transport } from './node.ts'
import { below, type Random } from './random.ts'
import type { Micros } from './time.ts'

/** What a message meets on its way from one node to another. */
export interface Link {
  readonly latency: Micros
  /** Up to this much is added to the latency, evenly spread. */
  readonly jitter: Micros
  /** One datagram in so many is lost; 0 for none. */
  readonly lossOneIn: number
  /** One datagram in so many arrives twice; 0 for none. */
  readonly duplicateOneIn: number
}

/** The state of the network: plain data, changed only by what a script or a person does. */
export interface Network {
  readonly random: Random
  otherwise: Link
  /** Links that differ from the rest, by sender and receiver. */
  readonly links: Map<Address, Map<Address, Link>>
  /** Pairs of sender and receiver between which nothing passes. */
  readonly cuts: Map<Address, Set<Address>>
  /** Hosts that take no streams. */
  readonly closed: Set<Address>
  /** When the last stream message arrives, once links have jitter or change: the next does not overtake it. */
  readonly lastArrival: Map<string, Micros>
}

export const perfectLink: Link = { latency: 0, jitter: 0, lossOneIn: 0, duplicateOneIn: 0 }

export function makeNetwork(random: Random, otherwise: Link): Network {
  return { random, otherwise, links: new Map(), cuts: new Map(), closed: new Set(), lastArrival: new Map() }
}

/** Sets the link between two nodes, in both directions. */
export function setLink(network: Network, one: Address, other: Address, link: Link): void {
  entry(network.links, one).set(other, link)
  entry(network.links, other).set(one, link)
}

/**
 * Changes the link between two nodes from now on; what travels as a stream still does not overtake what is under way.
 */
export function changeLink(network: Network, one: Address, other: Address, link: Link, now: Micros): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const underWay = now + (network.links.get(from)?.get(to) ?? network.otherwise).latency
    const way = `${from} ${to}`
    network.lastArrival.set(way, Math.max(underWay, network.lastArrival.get(way) ?? 0))
  }
  setLink(network, one, other, link)
}

function entry(links: Network['links'], from: Address): Map<Address, Link> {
  const row = links.get(from) ?? new Map<Address, Link>()
  links.set(from, row)
  return row
}

/** Cuts every way between two groups of nodes. */
export function partition(network: Network, some: readonly Address[], others: readonly Address[]): void {
  for (const one of some)
    for (const other of others) {
      cut(network, one, other)
      cut(network, other, one)
    }
}

function cut(network: Network, from: Address, to: Address): void {
  const row = network.cuts.get(from)
  if (row === undefined) network.cuts.set(from, new Set([to]))
  else row.add(to)
}

/** Mends every cut. */
export function heal(network: Network): void {
  network.cuts.clear()
}

/** The delays after which a message arrives: none if it is lost, two if it is doubled. */
export function delays(network: Network, from: Address, to: Address, transport: Transport, now: Micros): Micros[] {
  if (network.cuts.size > 0 && network.cuts.get(from)?.has(to)) return []
  const link = (network.links.size > 0 && network.links.get(from)?.get(to)) || network.otherwise
  const { random } = network
  if (transport === 'stream') return [inOrder(network, `${from} ${to}`, link, now)]
  if (link.lossOneIn > 0 && below(random, link.lossOneIn) === 0) return []
  const first = delay(link, random)
  if (link.duplicateOneIn > 0 && below(random, link.duplicateOneIn) === 0) return [first, delay(link, random)]
  return [first]
}

const delay = ({ latency, jitter }: Link, random: Random): Micros =>
  jitter === 0 ? latency : latency + below(random, jitter + 1)

function inOrder(network: Network, way: string, link: Link, now: Micros): Micros {
  if (link.jitter === 0 && network.lastArrival.size === 0) return link.latency
  const arrival = Math.max(now + delay(link, network.random), network.lastArrival.get(way) ?? 0)
  network.lastArrival.set(way, arrival)
  return arrival - now
}
