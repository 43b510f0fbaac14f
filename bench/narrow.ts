/**
 * What the native transport and Chromium's own WebRTC sender make of one and the same bottleneck for real datagrams, 20 ms long each way: use
 * of it, the time that packets wait before it, and what arrives. The one sends a lobby of 720p60 that would fill any rate, the other noise
 * from a canvas that would as well. A scene has Mbit/s, one after the other (`5-1-5`), with percents that are lost at random (`5~10`) or four in
 * a row (`5~10x4`), or a download by TCP beside it (`5+tcp`), or another session of the same kind (`5+session`). What the host's record says of the session comes with it.
 *
 *     npm run bench narrow [-- --scenes 1,5,20,5-1-5,5+tcp] [--senders native,chromium] [--seconds 18] [--warm-up 8]
 */
import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import * as v from 'valibot'
import { systemClock } from '../src/kernel/clock.ts'
import { NativeHost } from '../src/view/host/native-host.ts'
import { openHeadlessViewer } from '../src/view/watch/headless-viewer.ts'
import { ViewMeter } from '../src/view/watch/view-meter.ts'
import { sessionTimeline } from '../src/wire/api/record-resources.ts'
import { session } from '../src/wire/api/resources.ts'
import { hostInfo } from '../src/wire/api/host-info.ts'
import { formatNativeLink, parseNativeLink } from '../src/wire/native/native-link.ts'
import { openPorchlight, type RunningPorchlight } from '../test/support/running-porchlight.ts'
import { openChromiumCall } from './support/chromium-call.ts'
import { describeRun } from './support/describe-run.ts'
import { percentiles, table } from './support/figures.ts'
import { startMovingField } from './support/house.ts'
import { NarrowPath } from './support/narrow-path.ts'

const { values } = parseArgs({
  options: {
    scenes: { type: 'string', default: '1,5,20,5-1-5,5+tcp' },
    senders: { type: 'string', default: 'native,chromium' },
    seconds: { type: 'string', default: '18' },
    'warm-up': { type: 'string', default: '8' },
  },
})
const measuredMs = Number(values.seconds) * 1000
const warmUpMs = Number(values['warm-up']) * 1000
const delayUs = 20_000
const queueUs = 300_000
const nativePort = randomInt(21_000, 30_000)

/** Somebody who sends through a path as much as it carries. */
interface Call extends AsyncDisposable {
  received(): Promise<{ readonly pictures: number; readonly freezes: number }>
  /** What it is given at the moment, and what was changed of that by its host's record. */
  told?(): Promise<string>
}

await main()

async function main(): Promise<void> {
  const run = describeRun()
  const native = ['--native', 'on', '--native-port', `${nativePort}`]
  await using house = await openPorchlight({ flags: ['--app', 'terminal', '--log-level', 'warn', ...native] })
  const { id: lobbyId } = await house.firstLobby()
  const rows: string[][] = []
  for (const scene of values.scenes.split(',')) {
    for (const sender of values.senders.split(',')) {
      // Nothing of the one is encoded while the other is measured.
      await using field = sender === 'native' ? await startMovingField(house, lobbyId) : undefined
      void field
      rows.push([scene, sender, ...(await measure(scene, (path) => openCall(sender, path, house, lobbyId)))])
    }
  }
  const head = [
    'Mbit/s',
    'sender',
    'used',
    'of it by the session',
    'queue ms p50 / p95 / p99',
    'lost',
    'pictures/s',
    'freezes',
    'used in the first seconds',
    'given at the end; what was changed, and why',
  ]
  console.log(`${run}\n\n${table(head, rows)}`)
}

function openCall(sender: string, path: NarrowPath, house: RunningPorchlight, lobbyId: string): Promise<Call> {
  return sender === 'native' ? openNativeCall(path, house, lobbyId) : openChromiumCall(path)
}

async function measure(scene: string, open: (path: NarrowPath) => Promise<Call>): Promise<string[]> {
  const [, rates = '', lost = '0', burst = '1', beside] =
    /^([\d.-]+)(?:~(\d+)(?:x(\d+))?)?(?:\+(tcp|session))?$/.exec(scene) ?? []
  const steps = rates.split('-').map((megabits) => Number(megabits) * 1e6)
  await using path = await NarrowPath.open({
    rateBps: steps[0] ?? 1e6,
    delayUs,
    queueUs,
    lossRatio: Number(lost) / 100,
    lossBurst: Number(burst),
  })
  await using call = await open(path)
  if (beside === 'tcp') path.download()
  await using besidePath = beside === 'session' ? await NarrowPath.open({ delayUs }, path) : undefined
  await using other = besidePath && (await open(besidePath))
  void other
  path.take()
  await pause(warmUpMs)
  const first = path.take()
  const before = await call.received()
  const waitsMs: number[] = []
  let [bits, possibleBits, ownBits] = [0, 0, 0]
  for (const [index, rateBps] of steps.entries()) {
    path.conditions.rateBps = rateBps
    // The rate that a step leads to is looked for.
    if (index > 0) await pause(Math.min(5000, warmUpMs))
    path.take()
    besidePath?.take()
    const startMs = performance.now()
    await pause(measuredMs / steps.length)
    const passed = path.take()
    bits += passed.bits
    ownBits += passed.ownBits
    possibleBits += (rateBps * (performance.now() - startMs)) / 1000
    waitsMs.push(...passed.waitsMs, ...(besidePath?.take().waitsMs ?? []))
  }
  const after = await call.received()
  const seconds = (measuredMs + (steps.length - 1) * Math.min(5000, warmUpMs)) / 1000
  return [
    `${((100 * bits) / possibleBits).toFixed(1)} %`,
    beside === undefined ? '–' : `${((100 * ownBits) / bits).toFixed(1)} %`,
    percentiles(waitsMs, [0.5, 0.95, 0.99]),
    `${path.lost}`,
    ((after.pictures - before.pictures) / seconds).toFixed(1),
    `${after.freezes - before.freezes}`,
    `${((100 * first.bits * 1000) / ((steps[0] ?? 1) * warmUpMs)).toFixed(0)} %`,
    (await call.told?.()) ?? '',
  ]
}

/** The product's own client, which shows nothing. */
async function openNativeCall(path: NarrowPath, house: RunningPorchlight, lobbyId: string): Promise<Call> {
  path.sender = { address: '127.0.0.1', port: nativePort }
  const { nativeLinks } = v.parse(hostInfo, (await house.api('GET', 'host')).json())
  const invited = await house.invite(lobbyId, 'viewer')
  const key = parseNativeLink(`${nativeLinks[0]}#${invited.nativeFragment}`)
  const link = formatNativeLink({ ...key, host: '127.0.0.1', port: path.receiverPort, web: undefined })
  const host = await NativeHost.open({ link, directory: `${house.directory}/viewer-${path.receiverPort}` })
  const meter = new ViewMeter(host, () => performance.now())
  let pictures = 0
  host.tap({ picture: () => void pictures++, sound() {} })
  const viewer = openHeadlessViewer({ host, clock: systemClock, lobbyId, onState: () => {} })
  return {
    received: async () => ({ pictures, freezes: meter.look().freezes }),
    told: () => toldOf(house),
    async [Symbol.asyncDispose]() {
      meter[Symbol.dispose]()
      await viewer.close()
      await host.close()
    },
  }
}

/** Of the newest session. */
async function toldOf(house: RunningPorchlight): Promise<string> {
  const newest = v.parse(v.array(session), (await house.api('GET', 'sessions')).json()).at(-1)
  const { stays } = v.parse(sessionTimeline, (await house.api('GET', `records/${newest?.id}`)).json())
  const entries = stays.flatMap((stay) => stay.entries)
  const counts = new Map<string, number>()
  for (const { kind, detail } of entries) {
    if (!['adaptation', 'parity', 'rendition', 'mode', 'freeze'].includes(kind)) continue
    const { cause, toPercent } = detail
    const what = [kind, toPercent === undefined ? cause : `to ${toPercent} %`]
      .filter((each) => each !== undefined)
      .join(' ')
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
  const picture = newest?.picture
  const given = picture
    ? `${picture.width}x${picture.height} at ${picture.fps}, ${picture.bitrateBps / 1000} kbit/s`
    : ''
  return [given, ...Array.from(counts, ([what, count]) => `${count} ${what}`)].join('; ')
}
