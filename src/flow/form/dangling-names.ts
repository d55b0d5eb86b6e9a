/**
 * The names in a topology and in scripts that name nothing.
 */
import type { Script } from './deed-form.ts'
import { danglingRecords } from './dns-form.ts'
import { agentNames } from './network-agent-settings.ts'
import { otherNames, type Topology } from './topology.ts'

/** A name in a flow file that nothing bears: where it stands, and what could have been meant. */
export interface DanglingName {
  readonly path: readonly (string | number)[]
  readonly name: string
  /** What kind of thing it should be: `node`, `user`, `P-CSCF`, … */
  readonly kind: string
  readonly known: readonly string[]
}

/** The names in a topology and its scripts that name nothing. */
export function danglingNames(topology: Topology, scripts: Readonly<Record<string, Script>>): DanglingName[] {
  const nodes = Object.keys(topology.nodes)
  const withRole = (role: string) => nodes.filter((name) => topology.nodes[name]!.role === role)
  const networks = Object.values(topology.nodes).map(({ network }) => network)
  const agents = agentNames(topology)
  const clients = nodes.filter((name) => {
    const node = topology.nodes[name]!
    return node.role === 'ue' && node.xcap !== undefined
  })
  const found: DanglingName[] = []
  const check = (path: DanglingName['path'], name: string, kind: string, known: readonly string[]) => {
    if (!known.includes(name)) found.push({ path, name, kind, known })
  }
  const checkEach = (path: DanglingName['path'], names: readonly string[], kind: string, known: readonly string[]) => {
    for (const [i, name] of names.entries()) check([...path, i], name, kind, known)
  }
  checkEach(['topology', 'lanes'], topology.lanes, 'node', nodes)
  for (const [name, one] of Object.entries(topology.nodes)) {
    const path = ['topology', 'nodes', name]
    if (one.role === 'application-server')
      checkEach([...path, 'actsFor'], one.actsFor, 'user', Object.keys(topology.users))
    if (one.role === 'presence-server')
      checkEach([...path, 'networkAgents'], one.networkAgents ?? [], 'presence network agent', agents)
    if (one.role === 'presence-network-agent' && one.presenceServer !== undefined)
      check([...path, 'presenceServer'], one.presenceServer, 'presence server', withRole('presence-server'))
    const proxied = one.role === 'authentication-proxy' ? one.servers : []
    for (const [i, server] of proxied.entries()) check([...path, 'servers', i, 'node'], server.node, 'node', nodes)
    if ('ut' in one && one.ut !== undefined && 'proxies' in one.ut)
      checkEach(
        [...path, 'ut', 'proxies'],
        one.ut.proxies ?? [],
        'authentication proxy',
        withRole('authentication-proxy'),
      )
    if (one.role !== 'ue') continue
    if (one.ut?.bsf !== undefined) check([...path, 'ut', 'bsf'], one.ut.bsf, 'BSF', withRole('bsf'))
    check(['topology', 'nodes', name, 'user'], one.user, 'user', Object.keys(topology.users))
    check(['topology', 'nodes', name, 'proxy'], one.proxy, 'P-CSCF', withRole('p-cscf'))
  }
  for (const [uri, { server }] of Object.entries(topology.services))
    check(['topology', 'services', uri, 'server'], server, 'node', nodes)
  for (const [name, user] of Object.entries(topology.users))
    check(['topology', 'users', name, 'sCscf'], user.sCscf, 'S-CSCF', withRole('s-cscf'))
  const hosts = Object.values(topology.nodes).flatMap((one) => [one.host, ...otherNames(one)])
  for (const record of danglingRecords(topology.dns, hosts)) found.push({ ...record, kind: 'host or name in DNS' })
  for (const [i, { between }] of topology.links.entries())
    checkEach(['topology', 'links', i, 'between'], between ?? [], 'node or network', [...nodes, ...networks])
  for (const [path, script] of Object.entries(scripts))
    for (const [i, deed] of script.entries()) {
      const at = [...path.split('.'), i]
      if (deed.do === 'network-event') check([...at, 'node'], deed.node, 'presence network agent', agents)
      else if (deed.do.startsWith('xcap-') && 'node' in deed)
        check([...at, 'node'], deed.node, 'UE with an XCAP client (xcap:)', clients)
      else if ('node' in deed) check([...at, 'node'], deed.node, 'node', nodes)
      // A UE ends its own registration, anybody else that of somebody.
      const needsUser = 'user' in deed || (deed.do === 'deregister' && topology.nodes[deed.node]?.role !== 'ue')
      if (needsUser) check([...at, 'user'], ('user' in deed && deed.user) || '', 'user', Object.keys(topology.users))
      if (deed.do === 'poll') check([...at, 'node'], deed.node, 'UE', withRole('ue'))
      const server = 'node' in deed ? topology.nodes[deed.node] : undefined
      if ('to' in deed && server?.role === 'application-server')
        check([...at, 'as'], deed.as ?? '', 'user for whom it acts', server.actsFor)
      if (deed.do === 'partition') {
        checkEach([...at, 'some'], deed.some, 'node', nodes)
        checkEach([...at, 'others'], deed.others, 'node', nodes)
      }
      if (deed.do === 'link') checkEach([...at, 'between'], deed.between, 'node or network', [...nodes, ...networks])
    }
  return found
}
