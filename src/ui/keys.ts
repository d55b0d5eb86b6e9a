/**
 * THE TABLE of keys: what each key does and where. Handling, help and the hints at the foot of the screen are made
 * from it, so none of them can say something else than the others.
 */

/** Where a binding holds: in the list of flows, in a flow, in one of its two panes, in the help, or wherever one is. */
export type Where = 'catalogue' | 'flow' | 'ladder' | 'detail' | 'help' | 'anywhere'

export interface Binding {
  /** Names of keys: a character, or `up`, `enter`, `ctrl-d`, … */
  readonly keys: readonly string[]
  readonly does: CommandName
  readonly where: Where
  /** What it does, for the help. */
  readonly help: string
  /** A word for the foot of the screen; bindings without one are found in the help. */
  readonly hint?: string
}

/** The headings of the help, in its order. */
export const headings: readonly (readonly [Where, string])[] = [
  ['catalogue', 'In the list of flows'],
  ['flow', 'In a flow'],
  ['ladder', 'In a flow, with the ladder in focus'],
  ['detail', 'In a flow, with the message in focus'],
  ['help', 'In the help'],
  ['anywhere', 'Everywhere'],
]

const table = [
  bind('catalogue', 'choose-next', ['j', 'down'], 'the next flow'),
  bind('catalogue', 'choose-previous', ['k', 'up'], 'the previous flow'),
  bind('catalogue', 'choose-first', ['g', 'home'], 'the first flow'),
  bind('catalogue', 'choose-last', ['G', 'end'], 'the last flow'),
  bind('catalogue', 'open', ['enter', 'l', 'right'], 'open the flow', 'open'),
  bind('catalogue', 'search', ['/'], 'find a flow by its clause or title', 'find'),
  bind('catalogue', 'quit', ['q'], 'quit', 'quit'),

  bind('flow', 'next', ['n', 'right'], 'the next message', 'next'),
  bind('flow', 'previous', ['N', 'left'], 'back by a message', 'back'),
  bind('flow', 'next-event', [']'], 'the next event: an arrival, a timer, a command'),
  bind('flow', 'previous-event', ['['], 'back by an event'),
  bind('flow', 'play', ['space'], 'play and pause', 'play'),
  bind('flow', 'speed', [...'0123456789'], 'speed of playing: 0 stands still, 9 is the fastest'),
  bind('flow', 'next-tab', ['l'], 'the next view of the message', 'view'),
  bind('flow', 'previous-tab', ['h'], 'the previous view of the message'),
  bind('flow', 'why', ['!'], 'why the message is as it is', 'why'),
  bind('flow', 'focus', ['tab'], 'from the ladder to the message and back', 'focus'),
  bind('flow', 'start', ['g', 'home'], 'the start, before anything has happened'),
  bind('flow', 'finish', ['G', 'end'], 'the end of the run'),
  bind('flow', 'go-to', [':'], 'go to a step by its number in the clause, or to #n by its own number', 'step'),
  bind('flow', 'search', ['/'], 'find a message by any text in it; / and enter finds the next one', 'find'),
  bind('flow', 'cause', ['c'], 'the message that led to this one', 'cause'),
  bind('flow', 'effect', ['C'], 'the first message that this one led to'),
  bind('flow', 'next-finding', ['>'], 'the next message that is not as expected'),
  bind('flow', 'previous-finding', ['<'], 'the message before that is not as expected'),
  bind('flow', 'return', ['backspace'], 'back to where the last jump began'),
  bind('flow', 'next-node', ['o'], 'the state of the next node'),
  bind('flow', 'previous-node', ['O'], 'the state of the previous node'),
  bind('flow', 'fold', ['f'], 'all of the state, or only what changed'),
  bind('flow', 'unfold', ['a'], 'all of the ladder, or only what has happened so far'),
  bind('flow', 'more-ladder', ['+'], 'more room for the ladder'),
  bind('flow', 'less-ladder', ['-'], 'less room for the ladder'),
  bind('flow', 'detail', ['t'], 'the message on and off'),
  bind('flow', 'zoom', ['z', 'enter'], 'the pane in focus alone, or both'),
  bind('flow', 'scroll-down', ['shift-down', 'ctrl-e'], 'scroll the message down'),
  bind('flow', 'scroll-up', ['shift-up', 'ctrl-y'], 'scroll the message up'),
  bind('flow', 'back', ['q', 'escape'], 'back to the message, the ladder, the list of flows', 'list'),

  bind('ladder', 'next', ['j', 'down'], 'the next message'),
  bind('ladder', 'previous', ['k', 'up'], 'back by a message'),
  bind('ladder', 'half-down', ['ctrl-d', 'pagedown'], 'half a page down'),
  bind('ladder', 'half-up', ['ctrl-u', 'pageup'], 'half a page up'),

  bind('detail', 'scroll-down', ['j', 'down'], 'scroll down'),
  bind('detail', 'scroll-up', ['k', 'up'], 'scroll up'),
  bind('detail', 'page-down', ['ctrl-d', 'pagedown'], 'a page down'),
  bind('detail', 'page-up', ['ctrl-u', 'pageup'], 'a page up'),

  bind('help', 'help-down', ['j', 'down', 'ctrl-d', 'pagedown', 'space'], 'scroll down', 'down'),
  bind('help', 'help-up', ['k', 'up', 'ctrl-u', 'pageup'], 'scroll up', 'up'),
  bind('help', 'close-help', ['q', 'escape', '?', 'enter'], 'close the help', 'close'),

  bind('anywhere', 'help', ['?'], 'this help', 'help'),
  bind('anywhere', 'redraw', ['ctrl-l'], 'draw the screen anew'),
  bind('anywhere', 'quit', ['Q', 'ctrl-c'], 'quit'),
] as const

/** Everything that a key can ask for. */
export type CommandName = (typeof table)[number]['does']

/** All bindings, in the order of the help. */
export const bindings: readonly Binding[] = table

function bind<const Does extends string>(
  where: Where,
  does: Does,
  keys: readonly string[],
  help: string,
  hint?: string,
): { where: Where; does: Does; keys: readonly string[]; help: string; hint?: string } {
  return { where, does, keys, help, ...(hint === undefined ? {} : { hint }) }
}

const byPlace = new Map<string, Binding>()
for (const binding of bindings) for (const key of binding.keys) byPlace.set(`${binding.where} ${key}`, binding)

/** What a key does in the first of these places in which it does anything. */
export function bindingFor(key: string, places: readonly Where[]): Binding | undefined {
  for (const place of places) {
    const binding = byPlace.get(`${place} ${key}`)
    if (binding) return binding
  }
  return undefined
}

const signs: Readonly<Record<string, string>> = { up: '↑', down: '↓', left: '←', right: '→', enter: '⏎' }

/** A key as it is shown: `→`, `^D`, `Tab`, `n`. */
export function keyName(key: string, unicode: boolean): string {
  if (unicode && signs[key]) return signs[key]
  if (key.startsWith('ctrl-')) return `^${key.slice(5).toUpperCase()}`
  if (key.startsWith('shift-')) return `S-${keyName(key.slice(6), unicode)}`
  return key.length === 1 ? key : key[0]!.toUpperCase() + key.slice(1)
}

/** The keys of a binding as they are shown; a row of digits as one. */
export function keyNames({ keys }: Binding, unicode: boolean): string {
  const digits = keys.length > 2 && keys.every((key) => /^\d$/.test(key))
  return digits ? `${keys[0]}${unicode ? '…' : '-'}${keys.at(-1)}` : keys.map((key) => keyName(key, unicode)).join(' ')
}
