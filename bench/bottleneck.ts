/**
 * What a viewer gets on a slow path: a lobby of 720p60 and sound that would fill any rate, through a token bucket with a queue of
 * 300 ms, to a Node receiver and to Chromium. Needs unshare, nsenter, ip and tc, and the terminal app.
 *
 *     npm run bench bottleneck [-- --megabits 3,1] [--seconds 20] [--warm-up 8] [--viewers node,chromium]
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openPorchlight, type RunningPorchlight } from '../test/support/running-porchlight.ts'
import type { ReceivedStatistics } from './support/bench-viewer.ts'
import { BottleneckPath } from './support/bottleneck-path.ts'
import { describeRun } from './support/describe-run.ts'
import { percentiles, table } from './support/figures.ts'
import { startMovingField, startNoise } from './support/house.ts'
import { inPrivateNetwork } from '../test/support/private-network.ts'
import { Receivers } from './support/receivers.ts'
import { MeasuringBrowser } from './support/measuring-browser.ts'

const { values } = parseArgs({
  options: {
    megabits: { type: 'string', default: '3,1' },
    seconds: { type: 'string', default: '20' },
    'warm-up': { type: 'string', default: '8' },
    viewers: { type: 'string', default: 'node,chromium' },
  },
})
const measureMs = Number(values.seconds) * 1000
const warmUpMs = Number(values['warm-up']) * 1000
const queueMs = 300
const samplePeriodMs = 100

/** What a viewer got of the pictures in some time. */
interface Got {
  readonly bytes: number
  readonly audioBytes: number
  readonly pictures: number
  readonly keyPictures: number
  readonly freezes: number
  readonly frozenMs: number
}

/** Somebody at the far end. */
interface FarViewer extends AsyncDisposable {
  /** What has been got since the last call. */
  take(): Promise<Got>
}

if (await inPrivateNetwork()) await main()

async function main(): Promise<void> {
  const run = describeRun()
  await using path = await BottleneckPath.lay()
  await using house = await openPorchlight({ flags: ['--app', 'terminal', '--host', '0.0.0.0', '--log-level', 'warn'] })
  const { id: lobbyId } = await house.firstLobby()
  await using _field = await startMovingField(house, lobbyId)
  await using _noise = await startNoise(house, lobbyId)
  const rows: string[][] = []
  for (const kind of values.viewers.split(',')) {
    for (const megabits of values.megabits.split(',').map(Number)) {
      await path.narrow(megabits * 1e6, queueMs)
      await using viewer = await (kind === 'node' ? openReceiver : openBrowser)(path, house, lobbyId)
      rows.push([
        `${megabits} Mbit/s`,
        kind,
        'start',
        ...(await measure(path, house, viewer, megabits * 1e6, warmUpMs)),
      ])
      rows.push([
        `${megabits} Mbit/s`,
        kind,
        'then',
        ...(await measure(path, house, viewer, megabits * 1e6, measureMs)),
      ])
    }
  }
  const head = [
    'path',
    'viewer',
    'time',
    'pictures Mbit/s',
    'sound Mbit/s',
    'path used',
    'queue ms p50 / p95 / max',
    'dropped by the path',
    'pictures/s',
    'key pictures',
    'freezes',
    'NACKed packets',
    'resent',
  ]
  console.log(`${run}\n\n${table(head, rows)}`)
}

async function measure(
  path: BottleneckPath,
  house: RunningPorchlight,
  viewer: FarViewer,
  rateBps: number,
  durationMs: number,
): Promise<string[]> {
  const hostCounts = async () => {
    const metrics = await house.metrics()
    const of = (name: string) => metrics.get(`porchlight_${name}_total{gateway="browser"}`) ?? 0
    return { missed: of('rtp_packets_missed'), resent: of('rtp_packets_resent') }
  }
  const [before, hostBefore] = await Promise.all([path.counts(), hostCounts(), viewer.take()])
  const startMs = performance.now()
  const queuesMs: number[] = []
  while (performance.now() < startMs + durationMs) {
    queuesMs.push(((await path.counts()).queuedBytes * 8000) / rateBps)
    await pause(samplePeriodMs)
  }
  const seconds = (performance.now() - startMs) / 1000
  const [after, hostAfter, got] = await Promise.all([path.counts(), hostCounts(), viewer.take()])
  const dropped = after.dropped - before.dropped
  return [
    ((got.bytes * 8) / seconds / 1e6).toFixed(2),
    ((got.audioBytes * 8) / seconds / 1e6).toFixed(2),
    `${(((after.bytes - before.bytes) * 800) / seconds / rateBps).toFixed(0)} %`,
    percentiles(queuesMs, [0.5, 0.95, 1]),
    `${((dropped / (after.packets - before.packets + dropped)) * 100).toFixed(2)} %`,
    (got.pictures / seconds).toFixed(1),
    `${got.keyPictures}`,
    got.freezes === 0 ? '0' : `${got.freezes} (${got.frozenMs.toFixed(0)} ms)`,
    `${hostAfter.missed - hostBefore.missed}`,
    `${hostAfter.resent - hostBefore.resent}`,
  ]
}

async function openReceiver(path: BottleneckPath, house: RunningPorchlight, lobbyId: string): Promise<FarViewer> {
  const receivers = new Receivers(path.prefix)
  const url = addressed(path, house.signallingUrl)
  const bindAddress = path.viewerAddress
  await receivers.open(1, { url, token: house.ownerToken, lobbyId, limitBps: 0, bindAddress })
  return {
    async take() {
      const [viewer] = (await receivers.sample()).viewers
      if (!viewer) throw new Error('The receiver has gone')
      return viewer
    },
    [Symbol.asyncDispose]: () => receivers[Symbol.asyncDispose](),
  }
}

async function openBrowser(path: BottleneckPath, house: RunningPorchlight, lobbyId: string): Promise<FarViewer> {
  const browser = await MeasuringBrowser.open(path.prefix)
  const page = await browser.visit(house, path.hostAddress)
  const url = addressed(path, house.signallingUrl)
  await page.evaluate((options) => benchViewer?.start(options), { url, token: house.ownerToken, lobbyId })
  const look = async () => (await page.evaluate(() => benchViewer?.statistics())) as ReceivedStatistics
  let before = await look()
  return {
    async take() {
      const now = await look()
      const got = {
        bytes: now.videoBytes - before.videoBytes,
        audioBytes: now.audioBytes - before.audioBytes,
        pictures: now.framesDecoded - before.framesDecoded,
        keyPictures: now.keyFramesDecoded - before.keyFramesDecoded,
        freezes: now.freezeCount - before.freezeCount,
        frozenMs: now.frozenMs - before.frozenMs,
      }
      before = now
      return got
    },
    [Symbol.asyncDispose]: () => browser[Symbol.asyncDispose](),
  }
}

/** An address of the host as seen from the far end. */
function addressed(path: BottleneckPath, url: string): string {
  return url.replace('127.0.0.1', path.hostAddress)
}
