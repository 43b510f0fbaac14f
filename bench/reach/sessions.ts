import { setTimeout as pause } from 'node:timers/promises'
import { eventually } from '../../test/support/eventually.ts'
import type { LabNat } from '../../test/support/nat-lab.ts'
import { percentile, table } from '../support/figures.ts'
import { monotonicMs, type WatchingViewer } from '../support/watching-viewer.ts'
import { realMishaps, type RealMishap } from './mishaps.ts'
import { kindOfPath, ReachedHouse } from './reached-house.ts'

const withinMs = 60_000
/** Others are kept warm by then. */
const settleMs = 2000
/** A path that is better again is taken after three seconds. */
const healMs = 7000
/** What was taken last is on its way for so long. */
const tailMs = 400

/** What became of the pictures of one session. */
interface Outcome {
  readonly tookMs: number
  readonly gapMs: number
  readonly lost: number
  readonly before: string
  readonly after: string
  /** It had to begin a new conversation. */
  readonly isAnew: boolean
}

/** Running sessions of the product when something happens to their paths, in the lab: a table of all that happened. */
export async function measureSessions(options: {
  readonly rounds: number
  readonly viewers: number
  readonly only: readonly string[]
}): Promise<string> {
  const { rounds, viewers, only } = options
  const direct = Array.from({ length: viewers }, (): LabNat => 'restricted')
  const relayed = Array.from({ length: viewers }, (): LabNat => 'symmetric')
  const wanted = Object.entries(realMishaps).filter(([name]) => only.length === 0 || only.includes(name))
  const results = new Map<string, Outcome[]>()
  await using house = await ReachedHouse.open({ house: 'port-restricted', viewers: ['open', ...direct, ...relayed] })
  const [aside, ...places] = house.places
  if (!aside) throw new Error('The lab has no machine for who is left alone')
  // Somebody to whom nothing happens tells which pictures there were.
  await using control = await house.viewed(aside)
  for (let round = 0; round < rounds; round++) {
    for (const [name, mishap] of wanted) {
      const nat = mishap.kind === 'direct' ? 'restricted' : 'symmetric'
      console.error(`${(performance.now() / 1000).toFixed(0)} s: ${name}, round ${round + 1}`)
      await using open = new AsyncDisposableStack()
      const shown = await Promise.all(
        places.filter((place) => place.nat === nat).map(async (place) => open.use(await house.viewed(place))),
      )
      await eventually(
        () => shown.map(({ path }) => path),
        (paths) => paths.every((path) => path.startsWith(mishap.kind)),
        { what: `sessions that are ${mishap.kind}`, withinMs },
      )
      const outcomes = await happen(mishap, house, shown, control)
      for (const [row, all] of Object.entries({ [name]: outcomes.failed, [`${name}, healed`]: outcomes.healed })) {
        if (all.length > 0) results.set(row, [...(results.get(row) ?? []), ...all])
      }
    }
  }
  const head = [
    'what happens',
    'sessions',
    'path',
    'ms to a picture p50 / p95',
    'longest gap ms',
    'pictures lost',
    'begun anew',
  ]
  return table(
    head,
    [...results].map(([name, all]) => rowOf(name, all)),
  )
}

async function happen(
  mishap: RealMishap,
  house: ReachedHouse,
  viewers: readonly WatchingViewer[],
  control: WatchingViewer,
): Promise<{ failed: Outcome[]; healed: Outcome[] }> {
  await pause(settleMs)
  const before = new Map(viewers.map((viewer) => [viewer, { path: viewer.path, conversations: viewer.conversations }]))
  const beganMs = monotonicMs()
  const { fromMs, heal, whom } = await mishap.happen(house, viewers)
  await pause(mishap.watchMs)
  const untilMs = monotonicMs()
  await pause(tailMs)
  const see = (from: { beganMs: number; fromMs: number; untilMs: number }, was: typeof before) =>
    whom.map((viewer) => ({
      ...picturesOf(viewer, control, from),
      before: kindOfPath(was.get(viewer)?.path),
      after: kindOfPath(viewer.path),
      isAnew: viewer.conversations !== was.get(viewer)?.conversations,
    }))
  // Why it is as it is, for whoever wonders.
  for (const { at, explanation } of viewers) console.error(`  ${at.outside}: ${explanation}`)
  const failed = see({ beganMs, fromMs, untilMs }, before)
  if (!heal) return { failed, healed: [] }
  const then = new Map(viewers.map((viewer) => [viewer, { path: viewer.path, conversations: viewer.conversations }]))
  const healedMs = monotonicMs()
  await heal()
  await pause(healMs)
  const endMs = monotonicMs()
  await pause(tailMs)
  return { failed, healed: see({ beganMs: healedMs, fromMs: healedMs, untilMs: endMs }, then) }
}

/**
 * When the first picture came that was taken from `fromMs` on, the longest time without one from `beganMs` on, and how many that others have
 * shown never came. The host's clock is told by the picture that was quickest, so the time that this one took is not counted.
 */
function picturesOf(
  viewer: WatchingViewer,
  control: WatchingViewer,
  { beganMs, fromMs, untilMs }: { beganMs: number; fromMs: number; untilMs: number },
): Pick<Outcome, 'tookMs' | 'gapMs' | 'lost'> {
  const offsetMs = Math.min(...control.pictures.slice(-6000).map(({ captureMs, atMs }) => atMs - captureMs))
  const takenMs = (captureMs: number) => captureMs + offsetMs
  const first = viewer.pictures.find(({ captureMs }) => takenMs(captureMs) >= fromMs)
  const times = viewer.pictures.map(({ atMs }) => atMs).filter((atMs) => atMs >= beganMs - 100 && atMs <= untilMs)
  const gaps = [...times, untilMs].slice(1).map((atMs, index) => atMs - (times[index] ?? atMs))
  const seen = new Set(viewer.pictures.map(({ captureMs }) => captureMs))
  const taken = control.pictures.filter(
    ({ captureMs }) => takenMs(captureMs) >= beganMs && takenMs(captureMs) < untilMs - tailMs,
  )
  return {
    tookMs: (first?.atMs ?? Infinity) - fromMs,
    gapMs: Math.max(0, ...gaps),
    lost: taken.filter(({ captureMs }) => !seen.has(captureMs)).length,
  }
}

function rowOf(name: string, outcomes: readonly Outcome[]): string[] {
  const of = (read: (outcome: Outcome) => number) =>
    [0.5, 0.95].map((share) => percentile(outcomes.map(read), share).toFixed(0)).join(' / ')
  const counted = (read: (outcome: Outcome) => string) => {
    const kinds = Map.groupBy(outcomes, read)
    return [...kinds].map(([kind, all]) => (kinds.size === 1 ? kind : `${all.length} ${kind}`)).join(', ')
  }
  return [
    name,
    String(outcomes.length),
    `${counted(({ before }) => before)} to ${counted(({ after }) => after)}`,
    of(({ tookMs }) => tookMs),
    of(({ gapMs }) => gapMs),
    of(({ lost }) => lost),
    String(outcomes.filter(({ isAnew }) => isAnew).length),
  ]
}
