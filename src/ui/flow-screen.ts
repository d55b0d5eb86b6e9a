import { messageText } from '../flow/checker/row-text.ts'
import { describeEvent } from '../render/describe.ts'
import type { Glyphs } from '../render/glyphs.ts'
import type { Layout } from '../render/layout.ts'
import { fitSpans, type Span, type Style, span, spansWidth } from '../render/span.ts'
import { headerLines, ladderLine, legendOf, markWord } from '../render/text.ts'
import { formatSeconds } from '../render/time.ts'
import { entryLines, evidenceWords } from './about.ts'
import { detailLines, stepName } from './detail.ts'
import { footLine, isUnicode } from './foot.ts'
import { bindings, keyName } from './keys.ts'
import { type State, tabs, type View } from './model.ts'
import type { Panes } from './panes.ts'
import { panesFor } from './view.ts'

/** The screen of a flow: its title, the ladder, the message under the cursor, hints. */
export function flowScreen(state: State, view: View): Span[][] {
  const panes = panesFor(state, view)
  const ladder = view.shown === 'detail' ? [] : ladderPane(state, view, panes)
  const detail = view.shown === 'ladder' ? [] : detailPane(state, view, panes)
  const body = panes.beside ? sideBySide(ladder, detail, state, panes) : [...ladder, ...detail]
  return [titleLine(state, view), ...body, footLine(state)]
}

function sideBySide(ladder: Span[][], detail: Span[][], { glyphs }: State, { ladder: { width } }: Panes): Span[][] {
  const bar = span(glyphs.side, 'lifeline')
  return detail.map((line, index) => [...fitSpans(ladder[index] ?? [], width, ''), bar, ...line])
}

function titleLine({ size, glyphs }: State, { session, head }: View): Span[] {
  const { entry, chart, trace } = session
  const { verdict } = chart
  const count = verdict?.findings.length ?? 0
  const result =
    count === 0 ? `${glyphs.mark.met} met` : `${glyphs.mark.wrong} ${count} ${count === 1 ? 'finding' : 'findings'}`
  const begins = chart.beginsAt ?? 0
  const time = formatSeconds(head.event < session.firstEvent ? 0 : trace[head.event]!.at - begins)
  const player = head.playing ? glyphs.playing : glyphs.paused
  const right = [
    ...(verdict ? [span(result, count === 0 ? 'pass' : 'fail'), span('  ')] : []),
    span(`${head.row + 1}/${chart.rows.length}`, 'strong'),
    span(`  ${time} s  `, 'dim'),
    span(`${player}${head.speed} `, head.playing ? 'strong' : 'dim'),
  ]
  const left = [span(` ${entry.id}`, 'title'), span(`  ${entry.title}`)]
  return [...fitSpans(left, size.columns - spansWidth(right) - 2, glyphs.ellipsis), span('  '), ...right]
}

function ladderPane(state: State, view: View, { layout, ladder, beside }: Panes): Span[][] {
  const { glyphs } = state
  const { head } = view
  const { lines } = layout
  const reached = head.row < 0 ? -1 : lines.indexOf(head.row)
  const atEnd = head.row >= view.session.chart.rows.length - 1
  const rows: Span[][] = []
  for (let index = view.top; index < Math.min(lines.count, view.top + ladder.height); index++) {
    const placed = layout.place(index)
    const current = index === reached
    const line = ladderLine(layout, placed, glyphs, current)
    if (current) rows.push(selected(line, ladder.width, view.focus === 'ladder'))
    else rows.push(view.unfolding && index > reached && !atEnd ? faded(line) : line)
  }
  if (beside) rows.push(...aside(view, layout, ladder, rows.length, glyphs))
  while (rows.length < ladder.height) rows.push([])
  return [...headerLines(layout, glyphs, actingLane(view)), ...rows]
}

const leastAside = 6

/** What the flow is about and what the signs mean, where a short ladder leaves room for it. */
function aside(
  { session, head }: View,
  layout: Layout,
  { width, height }: Panes['ladder'],
  used: number,
  glyphs: Glyphs,
): Span[][] {
  const room = height - used - 2
  if (room < leastAside) return []
  const about = head.row < 0 ? [] : entryLines(session.entry, width - 3, glyphs)
  const legend = legendOf(layout, glyphs)
  const lines = [...legend, [], ...about].slice(0, room)
  return [[], [span(glyphs.rule.repeat(width), 'lifeline')], ...lines.map((line) => [span(' '), ...line])]
}

function actingLane({ session, head }: View): string | undefined {
  const event = session.trace[head.event]
  return event && head.event >= session.firstEvent ? session.laneOf(event.node) : undefined
}

/** The line under the cursor: inverse from edge to edge while its pane has the focus. */
function selected(line: Span[], width: number, focused: boolean): Span[] {
  const text = fitSpans(line, width)
    .map((one) => one.text)
    .join('')
  return [span(text, focused ? 'selected' : 'strong')]
}

function faded(line: Span[]): Span[] {
  return line.map(({ text }) => span(text, 'unreached'))
}

function detailPane(state: State, view: View, { detail, beside }: Panes): Span[][] {
  const margin = beside ? 1 : 0
  const lines = detailLines(view, detail.width - margin, state.glyphs)
  const shown = lines.slice(view.scroll, view.scroll + detail.height)
  while (shown.length < detail.height) shown.push([])
  const last = Math.min(view.scroll + detail.height, lines.length)
  const place = lines.length > detail.height ? ` ${view.scroll + 1}-${last}/${lines.length} ` : ''
  const info = [
    ...fitSpans(infoLine(state, view), detail.width - place.length, state.glyphs.ellipsis),
    span(place, 'dim'),
  ]
  const padded = shown.map((line) => (margin > 0 ? [span(' '), ...line] : line))
  return [tabLine(state, view, detail.width), info, ...padded]
}

/** The title of the message pane and its views, the one that is shown in brackets. */
function tabLine({ glyphs }: State, view: View, width: number): Span[] {
  const focused = view.focus === 'detail'
  const line: Style = focused ? 'key' : 'lifeline'
  const views = tabs.flatMap((tab) => [tab === view.tab ? span(`[${tab}]`, 'strong') : span(` ${tab} `, 'dim')])
  const right = [...views, span(glyphs.rule, line)]
  const title = [span(`${glyphs.rule}${glyphs.rule} `, line), ...subject(view, glyphs.arrow), span(' ')]
  const room = width - spansWidth(right)
  const left = spansWidth(title) > room ? fitSpans(title, room, glyphs.ellipsis) : title
  return [...left, span(glyphs.rule.repeat(Math.max(0, room - spansWidth(left))), line), ...right]
}

/** What is shown in the message pane. */
function subject({ session, head }: View, arrow: string): Span[] {
  const row = session.chart.rows[head.row]
  if (!row) return [span(`About ${session.entry.id}`, 'strong')]
  const number = stepName(session.chart, row.index)
  if (row.kind === 'internal') return [span(number, 'strong'), span(` ${row.from}: ${row.decision.rule.step ?? ''}`)]
  const label = messageText(row.message).split(' sip:')[0]!
  return [span(number, 'strong'), span(` ${label}, ${row.from} ${arrow} ${row.to}`)]
}

/** Below the title: how sure the clause is of the step, what the check says, when, and because of what. */
function infoLine(state: State, { session, head }: View): Span[] {
  const { glyphs } = state
  const row = session.chart.rows[head.row]
  const event = session.trace[head.event]
  if (event && head.event >= session.firstEvent && row?.step !== head.event) {
    const text = describeEvent(event, (address) => session.laneOf(address))
    return [span(` event ${head.event + 1} of ${session.trace.length}: `, 'dim'), span(text)]
  }
  if (!row) return beginning(state)
  const verdict = session.chart.verdict?.rows[row.index]
  const sure = verdict?.evidence
  const begins = session.chart.beginsAt ?? 0
  const arrived =
    row.kind === 'message' && row.arrival ? ` ${glyphs.arrow} ${formatSeconds(row.arrival.at - begins)}` : ''
  const lost = row.kind === 'message' && row.lost ? ', lost' : ''
  const cause = row.cause === undefined ? '' : `after ${stepName(session.chart, row.cause)} ${glyphs.dot} `
  return [
    span(' '),
    ...(sure ? [span(`${glyphs.evidence[sure]} ${evidenceWords(sure)}`, sure), span(` ${glyphs.dot} `, 'dim')] : []),
    ...(verdict ? [...markWord(verdict.mark), span(` ${glyphs.dot} `, 'dim')] : []),
    span(`${cause}${formatSeconds(row.at - begins)}${arrived} s${lost}`, 'dim'),
  ]
}

/** What to do first. */
function beginning(state: State): Span[] {
  const key = (does: string) => keyName(bindings.find((binding) => binding.does === does)!.keys[0]!, isUnicode(state))
  return [
    span(' Nothing has happened yet. ', 'dim'),
    span(key('next'), 'key'),
    span(' first message, ', 'dim'),
    span(key('play'), 'key'),
    span(' play, ', 'dim'),
    span(key('finish'), 'key'),
    span(' all of it', 'dim'),
  ]
}
