import {
  asyncScheduler,
  BehaviorSubject,
  defer,
  distinctUntilChanged,
  EMPTY,
  finalize,
  interval,
  map,
  merge,
  type Observable,
  type SchedulerLike,
  scan,
  startWith,
  switchMap,
  tap,
  throttleTime,
  timeInterval,
} from 'rxjs'
import { atStart, move, type PlayCommand, type Playhead, type Score } from './playhead.ts'

/** How a state is moved by actions, some of which the clock sends while the state says that it plays. */
export interface Loop<State, Action> {
  readonly initial: State
  readonly reduce: (state: State, action: Action) => State
  readonly isPlaying: (state: State) => boolean
  /** The action that stands for real milliseconds gone by. */
  readonly tick: (millis: number) => Action
  /** The least real time between two states given out. */
  readonly frameMillis?: number
  readonly scheduler?: SchedulerLike
}

const thirtyPerSecond = 33

/**
 * The states that actions and clock lead to, at most one a frame: the first action of a burst shows at once, the rest
 * in the next frame. The clock runs only while the state plays, so a still screen costs nothing.
 */
export function frames<State, Action>(actions$: Observable<Action>, loop: Loop<State, Action>): Observable<State> {
  const { initial, reduce, isPlaying, tick, frameMillis = thirtyPerSecond, scheduler = asyncScheduler } = loop
  return defer(() => {
    const playing$ = new BehaviorSubject(isPlaying(initial))
    const clock$ = interval(frameMillis, scheduler).pipe(
      timeInterval(scheduler),
      map((passed) => tick(passed.interval)),
    )
    const ticks$ = playing$.pipe(
      distinctUntilChanged(),
      switchMap((playing) => (playing ? clock$ : EMPTY)),
    )
    return merge(actions$, ticks$).pipe(
      scan(reduce, initial),
      startWith(initial),
      tap((state) => playing$.next(isPlaying(state))),
      distinctUntilChanged(),
      throttleTime(frameMillis, scheduler, { leading: true, trailing: true }),
      finalize(() => playing$.complete()),
    )
  })
}

/** The positions of a player over a score: where real time meets virtual time. */
export function play(
  score: Score,
  commands$: Observable<PlayCommand>,
  options: { readonly scheduler?: SchedulerLike; readonly from?: Playhead } = {},
): Observable<Playhead> {
  return frames(commands$, {
    initial: options.from ?? atStart(score),
    reduce: (head, command: PlayCommand) => move(head, command, score),
    isPlaying: ({ playing }) => playing,
    tick: (millis): PlayCommand => ({ do: 'tick', millis }),
    ...(options.scheduler ? { scheduler: options.scheduler } : {}),
  })
}
