import { Box, type Instance, render, Text, useInput, useWindowSize } from 'ink'
import { type ReactNode, useEffect, useEffectEvent } from 'react'
import {
  concatMap,
  EMPTY,
  from,
  lastValueFrom,
  map,
  merge,
  type Observable,
  Subject,
  takeWhile,
  tap,
  timer,
} from 'rxjs'
import { frames } from '../play/player.ts'
import { ansiPainter } from '../render/ansi.ts'
import { ascii, unicode } from '../render/glyphs.ts'
import { frame } from './frame.ts'
import { keysOf } from './key-input.ts'
import type { State } from './model.ts'
import type { Size } from './panes.ts'
import { type Catalogue, remembering } from './session.ts'
import { type Action, begin, isPlaying, reduce } from './state.ts'
import type { TerminalOptions } from './terminal.ts'

/** The thin part that is ink: it shows lines, and turns keys and sizes into actions. */
export async function runShell(given: Catalogue, options: TerminalOptions): Promise<void> {
  const { stdin = process.stdin, stdout = process.stdout } = options
  const catalogue = remembering(given)
  const painter = ansiPainter(options.colours)
  const glyphs = options.unicode ? unicode : ascii
  const initial = begin({ size: sizeOf(stdout), glyphs, catalogue, flow: options.flow })
  const actions$ = new Subject<Action>()
  const all$ = merge(actions$, initial.direct ? EMPTY : outcomes(catalogue))
  // The last screen is empty: a terminal that was resized meanwhile (tmux does) may keep lines of it otherwise.
  const linesOf = (state: State) => (state.over ? [] : frame(state, painter))
  const screen = (state: State) => <Screen lines={linesOf(state)} onAction={(action) => actions$.next(action)} />
  const instance = render(screen(initial), {
    stdin,
    stdout,
    interactive: true,
    alternateScreen: true,
    incrementalRendering: true,
    exitOnCtrlC: false,
    // Nothing may write over the screen; elsewhere the console is none of ours.
    patchConsole: stdout === process.stdout,
  })
  const terminated = onTermination(() => actions$.next({ do: 'key', key: 'ctrl-c' }))
  const exited = instance.waitUntilExit()
  try {
    await Promise.race([show(instance, screen, states(all$, initial)), exited])
  } finally {
    actions$.complete()
    // The terminal is as it was before anybody is told what went wrong.
    await exited.catch(() => undefined)
    terminated()
  }
}

/** Lets a termination first leave the terminal as it was; the function returned ends this, and the process if asked. */
function onTermination(leave: () => void): () => void {
  let asked = false
  const ask = () => {
    asked = true
    leave()
  }
  process.once('SIGTERM', ask)
  return () => {
    process.off('SIGTERM', ask)
    if (asked) process.kill(process.pid, 'SIGTERM')
  }
}

function sizeOf({ columns, rows }: NodeJS.WriteStream): Size {
  return { columns: columns || 80, rows: rows || 24 }
}

/** The states up to and with the one in which all is over. */
function states(actions$: Observable<Action>, initial: State): Observable<State> {
  const tick = (millis: number): Action => ({ do: 'tick', millis })
  return frames(actions$, { initial, reduce, isPlaying, tick }).pipe(takeWhile(({ over }) => !over, true))
}

/** Shows each state until the last one; rejects with what went wrong in making or showing them. */
function show(instance: Instance, screen: (state: State) => ReactNode, states$: Observable<State>): Promise<void> {
  let redraws = 0
  const shown$ = states$.pipe(
    tap((state) => {
      if (state.redraws !== redraws) instance.clear()
      redraws = state.redraws
      instance.rerender(screen(state))
    }),
  )
  return lastValueFrom(shown$, { defaultValue: undefined })
    .then(() => undefined)
    .finally(() => instance.unmount())
}

/** Runs one flow after the other while nothing else is to be done, to tell in the list how each came out. */
function outcomes(catalogue: Catalogue): Observable<Action> {
  return from(catalogue.entries).pipe(
    concatMap(({ id }) => timer(0).pipe(map((): Action => ({ do: 'outcome', id, outcome: outcomeOf(catalogue, id) })))),
  )
}

function outcomeOf(catalogue: Catalogue, id: string): 'pass' | 'fail' | 'error' {
  try {
    return catalogue.open(id).chart.verdict?.outcome ?? 'pass'
  } catch {
    return 'error'
  }
}

interface ScreenProps {
  readonly lines: readonly string[]
  readonly onAction: (action: Action) => void
}

/** One `Text` a line; after a resize never more lines than there are rows now. */
function Screen({ lines, onAction }: ScreenProps): ReactNode {
  const { columns, rows } = useWindowSize()
  const act = useEffectEvent(onAction)
  useInput((input, key) => {
    for (const name of keysOf(input, key)) act({ do: 'key', key: name })
  })
  useEffect(() => act({ do: 'resize', size: { columns, rows } }), [columns, rows])
  return (
    <Box flexDirection="column">
      {lines.slice(0, rows).map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line of the screen is its place
        <Text key={index} wrap="truncate">
          {line === '' ? ' ' : line}
        </Text>
      ))}
    </Box>
  )
}
