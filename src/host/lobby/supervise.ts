import { once } from 'node:events'
import type { Backoff } from '../../kernel/backoff.ts'
import { sleep, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { fullDiskOf } from '../../kernel/full-disk.ts'
import type { Log } from '../../kernel/log.ts'
import type { ProducerState } from '../../media/contract/producer.ts'
import type { OnExit } from '../run/contract/run-rules.ts'
import type { Stage, StageEnd } from './stage.ts'

/** So many failures in a row, without a healthy while between them, are too many. */
export const maxQuickFailures = 5
/** A stage without a picture for so long after its opening has failed. */
export const firstPictureMs = 20_000

/** What there is to see of a supervised stage. Reasons are sentences for people. */
export type StageView =
  /** Nothing is open: it is to be tried again after a while. */
  | { readonly kind: 'down'; readonly reason: string }
  /** Open, but without a picture now: its producer is starting, or recovers by itself while the app runs on. */
  | { readonly kind: 'hidden'; readonly stage: Stage; readonly reason: string }
  | { readonly kind: 'shown'; readonly stage: Stage }
  /** The app has ended, or there were too many failures. Nothing comes after it. */
  | { readonly kind: 'over'; readonly reason: string }

export interface SuperviseOptions {
  readonly open: () => Promise<Stage>
  readonly backoff: Backoff
  /** What an app that ends by itself brings about. */
  readonly onExit: OnExit
  readonly clock: Clock
  readonly log: Log
  /** Ends supervision; the stage is undone first. */
  readonly signal: AbortSignal
  /** Told before a stage is undone, so that nobody looks at what is going. */
  readonly onView: (view: StageView) => void
}

/** Keeps a stage open: opens it, and again when it breaks. Resolves, and never rejects, when nothing is open any more. */
export async function supervise(options: SuperviseOptions): Promise<void> {
  const { clock, signal } = options
  while (!signal.aborted) {
    const next = await runStage(options)
    if (next === 'stop') return
    await sleep(clock, next.retryMs, signal).catch(() => {})
  }
}

type Next = 'stop' | { readonly retryMs: number }

async function runStage(options: SuperviseOptions): Promise<Next> {
  try {
    await using stage = await options.open()
    return judge(await watchStage(stage, options), options)
  } catch (error) {
    return judge(
      { kind: 'broken', reason: messageOf(error) },
      { ...options, isPatient: fullDiskOf(error) !== undefined },
    )
  }
}

/** Tells what there is to see of an open stage until it is over. */
async function watchStage(stage: Stage, { backoff, clock, onView, signal }: SuperviseOptions): Promise<StageEnd> {
  const { state } = stage.producer
  const firstPicture = Promise.withResolvers<undefined>()
  const look = (now: ProducerState) => {
    if (now.status === 'live') firstPicture.resolve(undefined)
    onView(viewOf(stage, now))
  }
  const tooLate = Promise.withResolvers<StageEnd>()
  const timer = clock.after(firstPictureMs, () => {
    tooLate.resolve({ kind: 'broken', reason: `There was no picture within ${firstPictureMs / 1000} seconds` })
  })
  const over = Promise.race([stage.over, aborted(signal)])
  const unsubscribe = state.subscribe(look)
  look(state.value)
  try {
    const early = await Promise.race([over, tooLate.promise, firstPicture.promise])
    timer.cancel()
    if (early) return early
    backoff.succeeded()
    return await over
  } finally {
    unsubscribe()
  }
}

/** What comes after the end of a stage. Tells it at once, so that nobody goes on looking at what is being undone. */
function judge(end: StageEnd, options: SuperviseOptions & { readonly isPatient?: boolean }): Next {
  const { backoff, log, onExit, onView, signal, isPatient = false } = options
  if (signal.aborted) return 'stop'
  if (end.kind === 'app-ended' && onExit === 'end') {
    onView({ kind: 'over', reason: end.reason })
    return 'stop'
  }
  const retryMs = backoff.failed()
  const { attempt } = backoff
  // A disk that is full says nothing against the app: some day there is room again.
  if (attempt > maxQuickFailures && !isPatient) {
    onView({ kind: 'over', reason: `${end.reason}. ${inVain(end, attempt)}` })
    return 'stop'
  }
  log.warn('A lobby broke and is started again', { reason: end.reason, attempt, retryMs: Math.round(retryMs) })
  const again = attempt === 1 ? 'Starting it again' : `Starting it again, for the ${ordinal(attempt)} time in a row`
  onView({ kind: 'down', reason: `${end.reason}. ${again}` })
  return { retryMs }
}

function inVain({ kind }: StageEnd, attempts: number): string {
  return kind === 'app-ended'
    ? `It has ended ${attempts} times in a row, each time within a minute, and is not started again`
    : `It was started ${attempts} times in vain`
}

/** In words, as far as there are attempts. */
function ordinal(attempt: number): string {
  return ['', 'first', 'second', 'third', 'fourth', 'fifth'][attempt] ?? `${attempt}th`
}

function viewOf(stage: Stage, state: ProducerState): StageView {
  if (state.status === 'live') return { kind: 'shown', stage }
  return { kind: 'hidden', stage, reason: state.status === 'down' ? state.reason : 'The picture is starting' }
}

async function aborted(signal: AbortSignal): Promise<StageEnd> {
  if (!signal.aborted) await once(signal, 'abort')
  return { kind: 'broken', reason: 'It was stopped' }
}
