import { nearest } from '../flow/flow-error.ts'
import { userProfile } from '../flow/user-profile.ts'
import { indentXml } from '../render/syntax.ts'
import { exitCode, Misuse } from './exit-code.ts'
import { loadFlow } from './flow-files.ts'
import type { Output } from './output.ts'

/**
 * `presim profile`: the profile that the HSS has of a user of a flow, as XML (TS 29.228 Annex E), such as a topology
 * takes it in as `profile:`; without a user, who there is.
 */
export function profile(
  name: string,
  user: string | undefined,
  { json }: { readonly json?: boolean },
  output: Output,
): number {
  const flow = loadFlow(name)
  const { users } = flow.topology
  const chosen = user === undefined ? Object.keys(users) : [user]
  for (const one of chosen) {
    const xml = userProfile(flow, one)
    if (xml === undefined) throw new Misuse(noUser(one, name, Object.keys(users)))
    if (json) output.json({ type: 'profile', flow: name, user: one, identities: users[one]!.identities, xml })
    else if (user === undefined) output.line(`${one}  ${users[one]!.identities.join(', ')}`)
    else output.line(indentXml(xml))
  }
  return exitCode.ok
}

function noUser(user: string, flow: string, known: readonly string[]): string {
  const suggestion = nearest(user, known)
  const hint = suggestion === undefined ? `the users are ${known.join(', ')}` : `did you mean ${suggestion}?`
  return `there is no user "${user}" in ${flow}; ${hint}`
}
