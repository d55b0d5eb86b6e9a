import type { Evidence } from '../flow/expectation.ts'
import { fitSpans, type Span, span } from '../render/span.ts'
import { pad } from '../render/width.ts'
import { entryLines, stepsOf } from './about.ts'
import { footLine } from './foot.ts'
import type { State } from './model.ts'
import type { CatalogueEntry } from './session.ts'
import { catalogueLines } from './view.ts'

/** The list of flows, and below it what the chosen one is about. */
export function catalogueScreen(state: State): Span[][] {
  const { catalogue, size, glyphs } = state
  const count = catalogueLines(state)
  const idWidth = Math.max(4, ...catalogue.entries.map(({ id }) => id.length))
  const shown = catalogue.entries.slice(state.top, state.top + count)
  const list = shown.map((entry, index) => entryLine(state, entry, state.top + index === state.chosen, idWidth))
  const about = aboutChosen(state, size.rows - 3 - list.length - 1)
  const rule = [span(glyphs.rule.repeat(size.columns), 'lifeline')]
  return [titleLine(state), columnTitles(state, idWidth), ...list, rule, ...about, footLine(state)]
}

function titleLine({ catalogue, size }: State): Span[] {
  const count = catalogue.entries.length
  const flows = `${count} ${count === 1 ? 'flow' : 'flows'} `
  const left = [span(' presim', 'title'), span('  the 3GPP presence service, flow by flow', 'dim')]
  return [...fitSpans(left, size.columns - flows.length), span(flows, 'dim')]
}

const evidenceNames: readonly Evidence[] = ['read', 'derived', 'memory']
/** Columns for steps, evidence and verdict. */
const tail = 30

function columnTitles({ size }: State, idWidth: number): Span[] {
  const left = [span(`   ${pad('flow', idWidth)}  title`, 'dim')]
  return [...fitSpans(left, size.columns - tail), span(' steps  evidence     verdict  ', 'dim')]
}

function entryLine(state: State, entry: CatalogueEntry, chosen: boolean, idWidth: number): Span[] {
  const { glyphs, size } = state
  const cursor = chosen ? glyphs.cursor : ' '
  const left = [span(` ${cursor} `), span(pad(entry.id, idWidth), 'strong'), span(`  ${entry.title}`)]
  const evidence = evidenceNames.flatMap((name) => {
    const text = entry.evidence[name] > 0 ? `${glyphs.evidence[name]}${entry.evidence[name]}` : ''
    return [span(pad(text, 4), name)]
  })
  const steps = span(` ${pad(String(stepsOf(entry.evidence)), 5, 'left')}  `)
  const line = [
    ...fitSpans(left, size.columns - tail, glyphs.ellipsis),
    steps,
    ...evidence,
    span(' '),
    ...verdictCell(state, entry.id),
  ]
  return chosen
    ? [
        span(
          fitSpans(line, size.columns)
            .map(({ text }) => text)
            .join(''),
          'selected',
        ),
      ]
    : line
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
