/** The file that says who may use a server: names, passwords or their hashes, and identities. YAML or JSON. */
import { isMap, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { yamlProblems } from '../flow/flow.ts'
import { FlowError, FlowErrors, type SourceText, sourceText } from '../flow/flow-error.ts'
import { DocumentPlaces, formProblems } from '../flow/form/form-problem.ts'
import type { Account, DigestAlgorithm } from '../sip/digest.ts'

/** Somebody who can prove who she is. */
export interface User {
  readonly account: Account
  /** The XCAP User Identifiers that are hers. */
  readonly identities: readonly string[]
}

/** All users of a server. */
export interface Users {
  readonly realm: string
  /** The algorithms by which each of them can be judged, in the order in which they are offered. */
  readonly algorithms: readonly DigestAlgorithm[]
  readonly byName: ReadonlyMap<string, User>
}

const text = (pattern: RegExp, expected: string) =>
  z.string().regex(pattern, { error: `Not as it should be; expected ${expected}` })

const printable = text(/^[^\p{Cc}]+$/u, 'a text without control characters')

const userForm = z.strictObject({
  name: printable,
  password: z.string().optional(),
  ha1: z
    .strictObject({
      MD5: text(/^[0-9a-f]{32}$/i, '32 hexadecimal digits').optional(),
      'SHA-256': text(/^[0-9a-f]{64}$/i, '64 hexadecimal digits').optional(),
    })
    .optional(),
  identities: z.array(printable).min(1, { error: 'Empty; expected at least one identity' }).optional(),
})

const usersForm = z.strictObject({
  realm: printable.default('xcap'),
  users: z.array(userForm).min(1, { error: 'Empty; expected at least one user' }),
})

type UserForm = z.infer<typeof userForm>

/** Reads the text of a users file. Throws `FlowErrors` with all that is wrong with it. */
export function readUsers(fileText: string, file: string): Users {
  const source = sourceText(fileText, file)
  const lines = new LineCounter()
  const document = parseDocument(fileText, { lineCounter: lines, prettyErrors: false })
  const broken = yamlProblems(document, source, lines).filter(({ severity }) => severity === 'error')
  if (broken.length > 0) throw new FlowErrors(broken)
  if (!isMap(document.contents)) {
    const advice = { expected: 'the key users: with a list' }
    throw new FlowErrors([new FlowError(source, { line: 1, column: 1 }, 'this is no file of users', advice)])
  }
  const places = new DocumentPlaces(document, lines, 'the file of users')
  const checked = usersForm.safeParse(document.toJS())
  if (!checked.success) throw new FlowErrors(formProblems(usersForm, checked.error.issues, source, places))
  const { realm, users } = checked.data
  const problems = contradictions(users, source, places)
  if (problems.length > 0) throw new FlowErrors(problems)
  return {
    realm,
    algorithms: algorithmsOf(users),
    byName: new Map(users.map((user) => [user.name, userOf(user, realm)])),
  }
}

function userOf({ name, password, ha1, identities }: UserForm, realm: string): User {
  const hashed = Object.fromEntries(hashesOf(ha1).map(([algorithm, hash]) => [algorithm, hash.toLowerCase()]))
  return { account: { username: name, realm, password: password ?? { hashed } }, identities: identities ?? [name] }
}

/** The hashes that are there. */
function hashesOf(ha1: UserForm['ha1']): [algorithm: string, hash: string][] {
  return Object.entries(ha1 ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined)
}

/** What every user has a password or a hash for. */
function algorithmsOf(users: readonly UserForm[]): DigestAlgorithm[] {
  return (['MD5', 'SHA-256'] as const).filter((algorithm) =>
    users.every(({ password, ha1 }) => password !== undefined || ha1?.[algorithm] !== undefined),
  )
}

/** What no form can say: what stands twice, a password beside its hash, hashes of different kinds. */
function contradictions(users: readonly UserForm[], source: SourceText, places: DocumentPlaces): FlowError[] {
  const problems: FlowError[] = []
  const problem = (path: readonly PropertyKey[], what: string, expected?: string): void => {
    problems.push(new FlowError(source, places.of(path), what, { expected }))
  }
  const owners = new Map<string, string>()
  const names = new Set<string>()
  users.forEach(({ name, password, ha1, identities = [name] }, at) => {
    const path = ['users', at]
    if (names.has(name)) problem([...path, 'name'], `there are two users "${name}"`)
    names.add(name)
    identities.forEach((identity, place) => {
      const owner = owners.get(identity)
      if (owner !== undefined)
        problem([...path, 'identities', place], `"${identity}" is an identity of "${owner}" already`)
      owners.set(identity, name)
    })
    if (password !== undefined && ha1 !== undefined) problem([...path, 'ha1'], `"${name}" has a password and its hash`)
    if (password === undefined && hashesOf(ha1).length === 0)
      problem(path, `"${name}" has no password`, 'the key password or ha1')
  })
  if (problems.length === 0 && algorithmsOf(users).length === 0)
    problem(['users'], 'the passwords are hashed by different algorithms', 'one algorithm that each ha1 has')
  return problems
}
