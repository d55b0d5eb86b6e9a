import type {
  DeviceSelection,
  Permission,
  PersonSelection,
  ProvideUserInput,
  ServiceSelection,
} from '../../documents/index.ts'
import type { SubHandling } from '../notifier/authorization.ts'

/**
 * What all rules together permit to a watcher (RFC 5025 §3). Two watchers with the same key see the same, so that the
 * document for both is made and printed once.
 */
export interface Permissions {
  readonly kind: 'permissions'
  readonly key: string
  readonly handling: SubHandling
  readonly services: 'all' | readonly ServiceSelection[]
  readonly devices: 'all' | readonly DeviceSelection[]
  readonly persons: 'all' | readonly PersonSelection[]
  /** The names behind `provide-` of the attributes that may be seen; `all` of RFC 5025 §3.3.2.15. */
  readonly attributes: 'all' | ReadonlySet<string>
  readonly userInput: ProvideUserInput['value']
  /** `namespace name` of the elements that RFC 5025 has no name for and that may be seen. */
  readonly unknown: ReadonlySet<string>
}

const handlings = ['block', 'confirm', 'polite-block', 'allow'] as const
const userInputs = ['false', 'bare', 'thresholds', 'full'] as const

/** The transformations that leave a document as it is. */
export const everything: readonly Permission[] = [
  { kind: 'provide-devices', devices: 'all' },
  { kind: 'provide-persons', persons: 'all' },
  { kind: 'provide-services', services: 'all' },
  { kind: 'provide-all-attributes' },
]

/** What nobody has said anything about (RFC 5025 §3.2.1: nothing is permitted, and the watcher is blocked). */
export const nothingPermitted: Permissions = combined([])

/** The watcher is allowed, and sees the document as it is. */
export const everythingPermitted: Permissions = combined([{ kind: 'sub-handling', value: 'allow' }, ...everything])

/** RFC 4745 §10.2: permissions of several rules combined: the greater of two levels, the union of two sets. */
export function combined(given: readonly Permission[]): Permissions {
  let handling = 0
  let userInput = 0
  const attributes = new Set<string>()
  const unknown = new Set<string>()
  let isAll = false
  for (const permission of given) {
    if (permission.kind === 'sub-handling') handling = Math.max(handling, handlings.indexOf(permission.value))
    else if (permission.kind === 'provide-user-input')
      userInput = Math.max(userInput, userInputs.indexOf(permission.value))
    else if (permission.kind === 'provide-all-attributes') isAll = true
    else if (permission.kind === 'provide-unknown-attribute') {
      if (permission.value) unknown.add(`${permission.ns} ${permission.name}`)
    } else if (permission.kind === 'provide-geopriv') {
      if (permission.value === 'full') attributes.add('geopriv')
    } else if ('value' in permission && permission.value) attributes.add(permission.kind.slice('provide-'.length))
  }
  const parts = {
    handling: handlings[handling]!,
    services: selected(given, (one) => (one.kind === 'provide-services' ? one.services : undefined)),
    devices: selected(given, (one) => (one.kind === 'provide-devices' ? one.devices : undefined)),
    persons: selected(given, (one) => (one.kind === 'provide-persons' ? one.persons : undefined)),
    attributes: isAll ? ('all' as const) : attributes,
    userInput: isAll ? ('full' as const) : userInputs[userInput]!,
    unknown,
  }
  return { kind: 'permissions', key: keyOf(parts), ...parts }
}

/** The union of what permissions of one kind select (RFC 5025 §3.3.1). */
function selected<S>(
  given: readonly Permission[],
  selectionOf: (permission: Permission) => 'all' | readonly S[] | undefined,
): 'all' | readonly S[] {
  const found: S[] = []
  for (const permission of given) {
    const some = selectionOf(permission)
    if (some === 'all') return 'all'
    if (some !== undefined) found.push(...some)
  }
  return found
}

/** A text that is the same for the same permissions, in whatever order they were given. */
function keyOf(parts: Omit<Permissions, 'kind' | 'key'>): string {
  const { handling, services, devices, persons, attributes, userInput, unknown } = parts
  if (handling !== 'allow') return handling
  const sorted = (names: Iterable<string>): string => [...new Set(names)].sort().join(',')
  const selection = (some: 'all' | readonly ServiceSelection[] | readonly DeviceSelection[]): string =>
    some === 'all' ? 'all' : sorted(some.map((one) => ('value' in one ? `${one.kind}=${one.value}` : one.kind)))
  const seen = attributes === 'all' ? 'all' : sorted(attributes)
  return [
    'allow',
    `services ${selection(services)}`,
    `devices ${selection(devices)}`,
    `persons ${selection(persons)}`,
    `attributes ${seen}`,
    ...(attributes === 'all' ? [] : [`user-input ${userInput}`, `unknown ${sorted(unknown)}`]),
  ].join('; ')
}
