import type { Evidence } from '../flow/ladder/expectation.ts'
import { fitSpans, type Span, span } from '../render/span.ts'
import { pad } from '../render/width.ts'
import { entryLines, stepsOf } from './about.ts'
import { type CatalogueRow, catalogueRows } from './catalogue-rows.ts'
import { footLine } from './foot.ts'
import type { State } from './model.ts'
import { catalogueLines } from './view.ts'

/** The list of flows, and below it what the chosen one is about. */
export function catalogueScreen(state: State): Span[][] {
  const { catalogue, size, glyphs } = state
  const count = catalogueLines(state)
  const rows = catalogueRows(catalogue.entries)
  const nameWidth = Math.max(4, ...rows.map((row) => (row.kind === 'entry' ? row.name.length : 0)))
  const list = rows
    .slice(state.top, state.top + count)
    .map((row) => (row.kind === 'heading' ? headingLine(row.group) : entryLine(state, row, nameWidth)))
  const about = aboutChosen(state, size.rows - 3 - list.length - 1)
  const rule = [span(glyphs.rule.repeat(size.columns), 'lifeline')]
  return [titleLine(state), columnTitles(state, nameWidth), ...list, rule, ...about, footLine(state)]
}

function titleLine({ catalogue, size }: State): Span[] {
  const count = catalogue.entries.length
  const flows = `${count} ${count === 1 ? 'flow' : 'flows'} `
  const left = [span(' presim', 'title'), span('  the 3GPP presence service, flow by flow', 'dim')]
  return [...fitSpans(left, size.columns - flows.length), span(flows, 'dim')]
}

const headingLine = (group: string): Span[] => [span(` ${group}`, 'title')]

const evidenceNames: readonly Evidence[] = ['read', 'derived', 'memory']

/** Columns for evidence and verdict. */
const tail = 23
/** Columns for the number of steps, where there is room for what the evidence says as well. */
const stepsWidth = 7
const hasSteps = (columns: number): boolean => columns >= 100

function columnTitles({ size: { columns } }: State, nameWidth: number): Span[] {
  const left = [span(`   ${pad('flow', nameWidth)}  title`, 'dim')]
  const steps = hasSteps(columns) ? ' steps ' : ''
  return [...fitSpans(left, columns - tail - steps.length), span(`${steps} evidence     verdict  `, 'dim')]
}

function entryLine(state: State, { index, name }: CatalogueRow & { kind: 'entry' }, nameWidth: number): Span[] {
  const { glyphs, size, catalogue } = state
  const { id, title, evidence } = catalogue.entries[index]!
  const chosen = index === state.chosen
  const left = [span(` ${chosen ? glyphs.cursor : ' '} `), span(pad(name, nameWidth), 'strong'), span(`  ${title}`)]
  const counts = evidenceNames.map((kind) =>
    span(pad(evidence[kind] > 0 ? `${glyphs.evidence[kind]}${evidence[kind]}` : '', 4), kind),
  )
  const steps = hasSteps(size.columns) ? pad(String(stepsOf(evidence)), stepsWidth - 1, 'left') : ''
  const line = [
    ...fitSpans(left, size.columns - tail - (steps === '' ? 0 : stepsWidth), glyphs.ellipsis),
    span(`${steps}${steps === '' ? '' : ' '} `),
    ...counts,
    span(' '),
    ...verdictCell(state, id),
  ]
  if (!chosen) return line
  const text = fitSpans(line, size.columns).map((one) => one.text)
  return [span(text.join(''), 'selected')]
}

function verdictCell({ outcomes, glyphs }: State, id: string): Span[] {
  const outcome = outcomes.get(id)
  if (outcome === 'pass') return [span(`${glyphs.mark.met} met`, 'pass')]
  if (outcome === 'fail') return [span(`${glyphs.mark.wrong} differs`, 'fail')]
  return outcome === 'error' ? [span(`${glyphs.mark.wrong} error`, 'fail')] : [span('')]
}

function aboutChosen({ catalogue, chosen, size, glyphs }: State, height: number): Span[][] {
  const entry = catalogue.entries[chosen]
  const width = Math.min(size.columns - 2, 100)
  const lines = entry ? entryLines(entry, width, glyphs) : [[span('There are no flows here.')]]
  const shown = lines.slice(0, height).map((line) => [span(' '), ...line])
  while (shown.length < height) shown.push([])
  return shown
}
