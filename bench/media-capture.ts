/**
 * What capture and encoding cost, and how long they take: a screen in full motion, at rest and unwatched, and the test
 * pattern. Needs Xvnc. `node bench/media-capture.ts [seconds]`
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { silentLog } from '../src/kernel/log.ts'
import { until } from '../src/kernel/readable.ts'
import { DurationWindow } from '../src/kernel/duration-window.ts'
import { openMediaProcess } from '../src/media/media-process.ts'
import { monotonicUs } from '../src/media/contract/monotonic.ts'
import type { MediaSink, SourceSpec, WatchRequest } from '../src/media/contract/producer.ts'
import { PrivateDisplay } from '../src/media/testing/private-display.ts'

const seconds = Number(process.argv[2] ?? 10)
const warmUpMs = 2_000

/** Processor time of a process so far, in milliseconds; Linux counts it in hundredths of a second. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function paint(display: PrivateDisplay, width: number, height: number): ChildProcess {
  const program = fileURLToPath(new URL('media/painter.ts', import.meta.url))
  const sizes = [`${width}`, `${height}`]
  return spawn(process.execPath, [program, display.name, display.authorityFile, ...sizes], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
}

const rows: string[] = []

/** Watches a source for a while with so many viewers of their own rates, and writes down what it took. */
async function measure(name: string, spec: SourceSpec, requests: readonly WatchRequest[]): Promise<void> {
  await using media = await openMediaProcess({ name: 'bench', log: silentLog })
  const producer = media.addProducer('source', spec)
  await until(producer.state, ({ status }) => status === 'live')
  const toUnit = new DurationWindow(10_000)
  const toServer = new DurationWindow(10_000)
  let [units, bytes] = [0, 0]
  const sink: MediaSink = {
    video({ captureUs, encodedUs, data }) {
      units++
      bytes += data.length
      toUnit.add((encodedUs - captureUs) / 1000)
      toServer.add((monotonicUs() - captureUs) / 1000)
    },
    audio() {},
  }
  for (const request of requests) producer.watch(request, sink)
  await delay(warmUpMs)
  const pid = media.pid.value ?? 0
  const [startMs, startProcessorMs] = [performance.now(), processorMs(pid)]
  ;[units, bytes] = [0, 0]
  await delay(seconds * 1000)
  const tookMs = performance.now() - startMs
  const share = (processorMs(pid) - startProcessorMs) / tookMs
  const spread = (window: DurationWindow) =>
    [0.5, 0.95, 0.99].map((part) => window.percentile(part)?.toFixed(1) ?? '-').join(' / ')
  const perSecond = (count: number) => count / (tookMs / 1000)
  rows.push(
    `| ${name} | ${perSecond(units).toFixed(1)} | ${(perSecond(bytes * 8) / 1e6).toFixed(2)} | ${(share * 100).toFixed(1)} % | ${spread(toUnit)} | ${spread(toServer)} |`,
  )
}

const h264 = (megabits: number): WatchRequest => ({ codecs: ['h264'], bitrateBps: megabits * 1e6, audio: false })
const vp8 = (megabits: number): WatchRequest => ({ codecs: ['vp8'], bitrateBps: megabits * 1e6, audio: false })

for (const [width, height, megabits] of [
  [1280, 720, 6],
  [1920, 1080, 12],
] as const) {
  await using display = await PrivateDisplay.open(width, height)
  const { name, authorityFile } = display
  const screen: SourceSpec = { kind: 'x11', display: name, authorityFile, fps: 60, sound: undefined }
  await measure(`${height}p at rest, unwatched`, screen, [])
  await measure(`${height}p at rest`, screen, [h264(megabits)])
  const painter = paint(display, width, height)
  await delay(warmUpMs)
  await measure(`${height}p60 motion, x264`, screen, [h264(megabits)])
  if (height === 720) {
    await measure('720p60 motion, VP8', screen, [vp8(megabits)])
    await measure('720p60 motion, x264 at 6, 2 and 0.5 Mbit/s', screen, [h264(6), h264(2), h264(0.5)])
  }
  painter.stdin?.end()
  await once(painter, 'exit')
}
const card = {
  kind: 'test-pattern',
  width: 1280,
  height: 720,
  fps: 30,
  title: 'Bench',
  lines: ['of the test card'],
  tone: undefined,
} as const
await measure('720p30 test pattern', card, [h264(3)])

console.log(
  `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${seconds} s each. Times in ms: p50 / p95 / p99.\n`,
)
console.log(
  '| source | units/s | Mbit/s | media process | capture to unit | capture to server |\n| --- | --- | --- | --- | --- | --- |',
)
console.log(rows.join('\n'))
