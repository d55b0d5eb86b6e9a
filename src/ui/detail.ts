import type { InternalRow, MessageRow, SequenceRow } from '../flow/checker/sequence.ts'
import { fieldRows } from '../render/fields.ts'
import type { Glyphs } from '../render/glyphs.ts'
import { hopBefore } from '../render/hop.ts'
import { listLines } from '../render/list.ts'
import { bodyLines, mediaType, rawLines } from '../render/raw.ts'
import { type Span, span, spansWidth, wrap } from '../render/span.ts'
import { valueSpans } from '../render/syntax.ts'
import { textWidth } from '../render/width.ts'
import { aboutLines } from './about.ts'
import { fieldLines } from './field-lines.ts'
import type { Tab, View } from './model.ts'
import type { Origin } from './session.ts'
import { foldUnchanged, treeLines, treeSpans } from './tree.ts'

/** The lines of the message pane, wrapped to its width. They are made once for what is shown. */
export function detailLines(view: View, width: number, glyphs: Glyphs): readonly Span[][] {
  const { head, tab, lane, folded } = view
  const key = [head.row, head.event, tab, lane, folded, width, glyphs.ellipsis].join(' ')
  const last = lastLines.get(view.session)
  if (last?.key === key) return last.lines
  const lines = linesFor(view, width, glyphs)
  lastLines.set(view.session, { key, lines })
  return lines
}

const lastLines = new WeakMap<object, { key: string; lines: readonly Span[][] }>()

function linesFor(view: View, width: number, glyphs: Glyphs): Span[][] {
  if (view.tab === 'State') return stateLines(view, width)
  const row = view.session.chart.rows[view.head.row]
  if (!row) return aboutLines(view.session, width, glyphs)
  return [...findingLines(view, row.index, width), ...rowLines(view, row, view.tab, width, glyphs)]
}

function rowLines(view: View, row: SequenceRow, tab: Tab, width: number, glyphs: Glyphs): Span[][] {
  if (tab === 'Why') return whyLines(view, row, width, glyphs)
  if (row.kind === 'internal') return decisionLines(row, width)
  if (tab === 'Headers') return headerLines(view, row, width, glyphs)
  if (tab === 'Body') return bodyOf(row, width)
  return rawLines(row.message).flatMap((line) => wrap(line, width, 2))
}

function bodyOf({ message }: MessageRow, width: number): Span[][] {
  const lines = message.protocol === 'cx' ? [] : bodyLines(message.body, mediaType(message), { indent: true })
  if (lines.length === 0) return [[span('This message has no body.', 'dim')]]
  const list = listLines(message)
  const all = list.length > 0 ? [...list, [], ...lines] : lines
  return all.flatMap((line) => wrap(line, width, 4))
}

/** What the check found wrong with a row. */
function findingLines({ session }: View, row: number, width: number): Span[][] {
  const { verdict } = session.chart
  const findings = verdict?.rows[row]?.findings.map((index) => verdict.findings[index]!) ?? []
  const lines: Span[][] = []
  for (const finding of findings) {
    lines.push([span(finding.kind, 'fail'), span(finding.expected === '' ? '' : `: expected ${finding.expected}`)])
    if (finding.order !== undefined) lines.push([span(`  ${finding.order}`)])
    for (const { what, expected, got, why } of finding.differences) {
      lines.push([
        span(`  ${what}`, 'header-name'),
        span(` should be ${expected}, `),
        span(got === undefined ? 'is absent' : `is ${got}`, 'fail'),
        span(why ? ` (${why.node}, ${why.clause})` : '', 'dim'),
      ])
    }
  }
  return lines.length === 0 ? [] : [...lines.flatMap((line) => wrap(line, width, 4)), []]
}

/** The fields as a table; where there is a hop before, what the node in between did to them. */
function headerLines({ session }: View, row: MessageRow, width: number, glyphs: Glyphs): Span[][] {
  const before = hopBefore(session.chart.rows, row)
  const fields = fieldRows(row.message, before?.message)
  const nameWidth = Math.min(Math.max(...fields.map(({ name }) => name.length)), Math.floor(width * 0.36))
  const lines = fields.flatMap((field) => fieldLines(field, nameWidth, width, glyphs))
  if (!before) return lines
  const words = `+ added, ~ changed, - removed by ${row.from} since ${stepName(session.chart, before.index)}`
  return [...lines, [], ...wrap([span(words, 'dim')], width)]
}

/** An internal step: what was decided, by which rule, on what grounds. */
function decisionLines({ from, decision }: InternalRow, width: number): Span[][] {
  const { rule, outcome, facts } = decision
  const lines: Span[][] = [
    [span(rule.title, 'start-line')],
    [span(`${from}, ${rule.clause}`, 'dim')],
    [],
    [span('outcome', 'header-name'), span(': ', 'punctuation'), span(outcome)],
  ]
  for (const [name, value] of Object.entries(facts)) {
    lines.push([span(name, 'header-name'), span(': ', 'punctuation'), ...valueSpans(String(value))])
  }
  return lines.flatMap((line) => wrap(line, width, 2))
}

/** Why a message is as it is: what each node did by which rule, and to which fields; those of this hop first. */
function whyLines(view: View, row: SequenceRow, width: number, glyphs: Glyphs): Span[][] {
  if (row.kind === 'internal') return decisionLines(row, width)
  const origins = view.session.why(row.index)
  if (origins.length === 0) return [[span('The run has not recorded where this message comes from.', 'dim')]]
  const groups = new Map<string, Origin[]>()
  for (const origin of origins) {
    const key = [origin.node, origin.clause, origin.rule, origin.source].join('\n')
    groups.set(key, [...(groups.get(key) ?? []), origin])
  }
  const here = [...groups.values()].filter(([first]) => first!.node === row.from)
  const before = [...groups.values()].filter(([first]) => first!.node !== row.from)
  const linesOf = (group: readonly Origin[]) => originLines(group, view, width, glyphs)
  const heading = before.length > 0 && here.length > 0 ? [[], [span('as it came from the nodes before:', 'dim')]] : []
  return [...here.flatMap(linesOf), ...heading, ...before.flatMap(linesOf)]
}

/** What a node did by one rule; below it to which fields, with the clause at the right edge if it fits there. */
function originLines(origins: readonly Origin[], { session }: View, width: number, glyphs: Glyphs): Span[][] {
  const { node, rule, clause, source, serves } = origins[0]!
  const from = source === undefined ? '' : `value of ${stepName(session.chart, source)} ${glyphs.dot} `
  const requirements = serves.length > 0 ? ` [${serves.join(', ')}]` : ''
  const ground = span(`${from}${clause}${requirements}`, 'dim')
  const fields = origins.flatMap(({ field }, index) => [
    span(index === 0 ? '  ' : ', ', 'punctuation'),
    span(field, 'header-name'),
  ])
  const lines = [...wrap([span(node, 'lane'), span(` ${rule}`)], width, 2), ...wrap(fields, width, 2)]
  const last = lines.at(-1)!
  const spare = width - spansWidth(last) - textWidth(ground.text)
  if (spare < 2) return [...lines, ...wrap([span('  '), ground], width, 2)]
  return [...lines.slice(0, -1), [...last, span(' '.repeat(spare)), ground]]
}

/** A row by its number in the clause, else by its own: `step 4`, `#12`. */
export function stepName({ verdict }: View['session']['chart'], row: number): string {
  const number = verdict?.rows[row]?.number
  return number === undefined ? `#${row + 1}` : `step ${number}`
}

/** The state of a node as a tree, what the last event changed marked. */
function stateLines({ session, head, lane, folded }: View, width: number): Span[][] {
  const event = session.trace[head.event]
  const shown = lane ?? (event ? session.laneOf(event.node) : session.chart.lanes[0]?.name)
  if (shown === undefined) return [[span('Nobody takes part.', 'dim')]]
  if (!session.chart.lanes.some(({ name }) => name === shown))
    return [[span(`${shown} is no node of the flow.`, 'dim')]]
  const now = session.stateAt(head.event, shown)
  const before = head.event < 0 ? now : session.stateAt(head.event - 1, shown)
  const all = treeLines(now, before)
  const lines = (folded ? foldUnchanged(all) : all).flatMap((line) => wrap(treeSpans(line), width, line.depth * 2 + 6))
  const when = event ? `after event ${head.event + 1}` : 'before anything has happened'
  const heading = [span(shown, 'lane'), span(` ${when}${lane === undefined ? ', the node that acts' : ''}`, 'dim')]
  return [heading, ...(lines.length > 0 ? lines : [[span('  nothing is kept', 'dim')]])]
}
