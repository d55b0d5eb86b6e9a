import { rowText } from '../flow/checker/row-text.ts'
import { rawLines } from '../render/raw.ts'
import { paint } from '../render/span.ts'
import type { Prompt, State } from './model.ts'
import type { CatalogueEntry, Session } from './session.ts'
import { jumped, withView } from './view.ts'

/** The state after a key that was typed at a prompt. */
export function prompted(state: State, prompt: Prompt, key: string): State {
  if (key === 'escape') return { ...state, prompt: undefined }
  if (key === 'enter') return answered({ ...state, prompt: undefined }, prompt)
  if (key === 'backspace') {
    const text = [...prompt.text].slice(0, -1).join('')
    return { ...state, prompt: prompt.text === '' ? undefined : { ...prompt, text } }
  }
  if (key === 'ctrl-u') return { ...state, prompt: { ...prompt, text: '' } }
  const typed = key === 'space' ? ' ' : key
  return [...typed].length === 1 ? { ...state, prompt: { ...prompt, text: prompt.text + typed } } : state
}

function answered(state: State, { kind, text }: Prompt): State {
  if (kind === 'step') return text.trim() === '' ? state : toStep(state, text.trim())
  const sought = text === '' ? state.sought : text
  if (sought === '') return state
  const found = state.view ? findRow(state, sought) : findFlow(state, sought)
  return found ? { ...found, sought } : { ...state, sought, notice: `"${sought}" does not occur` }
}

/** Goes to a step by its number in the clause; `#n` is the own number of a row. */
function toStep(state: State, text: string): State {
  if (!state.view) return state
  const { rows, verdict } = state.view.session.chart
  const own = /^#\d+$/.test(text) || !verdict
  const row = own
    ? Number(text.replace('#', '')) - 1
    : (verdict.rows.find(({ number }) => isStep(number, text))?.row ?? -1)
  if (Number.isInteger(row) && row >= 0 && row < rows.length) return jumped(state, row)
  const highest = own ? `there are ${rows.length} rows` : 'no row has this number'
  return { ...state, notice: `There is no step ${text}: ${highest}` }
}

/** True of `6` for the number `6`, and for `5-7`. */
function isStep(number: string | undefined, text: string): boolean {
  if (number === undefined) return false
  const [, first, last] = /^(\d+)-(\d+)$/.exec(number) ?? []
  return number === text || (first !== undefined && Number(first) <= Number(text) && Number(text) <= Number(last))
}

/** The next row after the cursor in which a text occurs, whatever its case; from the end it goes on at the start. */
function findRow(state: State, sought: string): State | undefined {
  const { session, head } = state.view!
  const { rows } = session.chart
  for (let after = 1; after <= rows.length; after++) {
    const row = (head.row + after + rows.length) % rows.length
    if (!textOfRow(session, row).includes(sought.toLowerCase())) continue
    const moved = row === head.row ? withView(state, () => ({})) : jumped(state, row)
    return row <= head.row ? { ...moved, notice: 'Search went on from the start' } : moved
  }
  return undefined
}

function textOfRow(session: Session, index: number): string {
  const row = session.chart.rows[index]!
  const inside = row.kind === 'message' ? rawLines(row.message).map((line) => paint(line)) : [row.decision.outcome]
  return [rowText(row), ...inside].join('\n').toLowerCase()
}

function findFlow(state: State, sought: string): State | undefined {
  const { entries } = state.catalogue
  const wanted = sought.toLowerCase()
  const named = entries.findIndex(({ id }) => id.toLowerCase() === wanted)
  if (named >= 0) return { ...state, chosen: named }
  const text = ({ id, title, clause, about }: CatalogueEntry) => `${id} ${title} ${clause} ${about}`.toLowerCase()
  for (let after = 1; after <= entries.length; after++) {
    const chosen = (state.chosen + after) % entries.length
    if (text(entries[chosen]!).includes(wanted)) return { ...state, chosen }
  }
  return undefined
}
