import type { Finding, Verdict } from '../flow/checker/verdict.ts'
import type { Evidence } from '../flow/ladder/expectation.ts'
import type { Glyphs } from '../render/glyphs.ts'
import { type Span, span, wrap } from '../render/span.ts'
import type { CatalogueEntry, Session } from './session.ts'

const words: Readonly<Record<Evidence, string>> = {
  read: 'read in the standard',
  derived: 'derived from its rules',
  memory: 'from memory',
}
const evidences: readonly Evidence[] = ['read', 'derived', 'memory']

/** What a flow is about: shown before anything has happened. */
export function aboutLines({ entry, chart, digest }: Session, width: number, glyphs: Glyphs): Span[][] {
  const verdict = verdictLines(chart.verdict, width, glyphs)
  const about = entryLines(entry, width, glyphs)
  // What is wrong comes first: it is why somebody looks.
  const lines = chart.verdict?.outcome === 'fail' ? [...verdict, [], ...about, []] : [...about, [], ...verdict]
  return [...lines, ...wrap([span(`Digest of the run: ${digest}`, 'dim')], width)]
}

/** Title, clause, purpose and evidence of a flow. */
export function entryLines(entry: CatalogueEntry, width: number, glyphs: Glyphs): Span[][] {
  const about = entry.about
    .trim()
    .split(/\n\s*\n/)
    .flatMap((part) => {
      return [...wrap([span(part.replace(/\s+/g, ' '))], width), []]
    })
  return [
    ...wrap([span(entry.title, 'title')], width),
    [span(entry.clause, 'dim')],
    [],
    ...about,
    ...wrap(evidenceSentence(entry, glyphs), width, 2),
  ]
}

/** How many steps of the ladder were read in the standard and how many are reconstructed. */
function evidenceSentence({ evidence }: CatalogueEntry, glyphs: Glyphs): Span[] {
  const known = evidences.filter((name) => evidence[name] > 0)
  const parts = known.flatMap((name, index) => [
    span(index === 0 ? '' : ', '),
    span(`${glyphs.evidence[name]} ${evidence[name]}`, name),
    span(` ${words[name]}`),
  ])
  return [span(`${stepsOf(evidence)} steps: `), ...parts, span('.')]
}

/** The number of steps of a ladder. */
export function stepsOf(evidence: CatalogueEntry['evidence']): number {
  return evidence.read + evidence.derived + evidence.memory
}

/** How sure the clause is of a step, in words. */
export function evidenceWords(evidence: Evidence): string {
  return words[evidence]
}

function verdictLines(verdict: Verdict | undefined, width: number, glyphs: Glyphs): Span[][] {
  if (!verdict) return []
  if (verdict.outcome === 'pass')
    return wrap([span(`${glyphs.mark.met} Everything happened as expected.`, 'pass')], width)
  const count = verdict.findings.length
  const heading = span(
    `${glyphs.mark.wrong} ${count} ${count === 1 ? 'thing is' : 'things are'} not as expected:`,
    'fail',
  )
  return [...wrap([heading], width), ...verdict.findings.flatMap((one) => wrap(findingLine(one), width, 4))]
}

function findingLine({ kind, number, expected, happened }: Finding): Span[] {
  const where = number === undefined ? '' : ` at step ${number}`
  const what = [expected === '' ? '' : ` expected ${expected}`, happened === '' ? '' : ` happened ${happened}`]
  return [span(`  ${kind}`, 'fail'), span(`${where}:${what.filter((part) => part !== '').join(';')}`)]
}
