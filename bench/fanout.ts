/**
 * What one more viewer costs: processor time of the server, of its viewer process and of its media process while 0 to 16 real WebRTC receivers
 * in another process watch one lobby of 720p60 at 4 Mbit/s each, and of a bare sender of as many packets to as many
 * receivers. With `--native` the same again with viewers by the native transport, in the same run. A step during which other programs took much of the machine is measured again; the quietest try counts.
 * Needs the terminal app.
 *
 *     npm run bench fanout [-- --seconds 8] [--warm-up 3] [--viewers 0,1,2,4,8,16] [--tries 5] [--native] [--profile DIRECTORY]
 */
import { randomInt } from 'node:crypto'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openHostKey } from '../src/server/native/open-host-key.ts'
import { formatNativeLink } from '../src/wire/native/native-link.ts'
import { openPorchlight } from '../test/support/running-porchlight.ts'
import { BareSender } from './support/bare-sender.ts'
import { describeRun } from './support/describe-run.ts'
import { slope, table } from './support/figures.ts'
import { eventLoopDelayMs, processGroups, startMovingField } from './support/house.ts'
import { meterProcessors, type ProcessGroups } from './support/processor-time.ts'
import { Receivers, type ReceiverSample, type Reception } from './support/receivers.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    'warm-up': { type: 'string', default: '3' },
    viewers: { type: 'string', default: '0,1,2,4,8,16' },
    tries: { type: 'string', default: '5' },
    native: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
})
const measureMs = Number(values.seconds) * 1000
const warmUpMs = Number(values['warm-up']) * 1000
const steps = values.viewers.split(',').map(Number)
const limitBps = 4_000_000
const patienceMs = 30_000
const sharingCheckMs = 1000
/** Below those that the system hands out. */
const bareUdpPort = 29_310
/** Of one core, for everything that is not measured. */
const quietPercent = 12
/** Cores with less than this left do not tell what anything costs. */
const saturatedPercent = cpus().length * 95

interface Step<Group extends string> {
  readonly viewers: number
  readonly cpu: Readonly<Record<Group | 'receivers' | 'bench' | 'machine', number>>
  readonly received: ReceiverSample
  readonly delay: { p50: number; p99: number; max: number }
}

const run = describeRun()
const hosted = await measurePorchlight('WebRTC')
const native = values.native ? await measurePorchlight('native') : undefined
const packetBytes = pictureBytes(hosted.at(-1))
const bare = await measureBareSender(packetBytes)
console.log(run)
report('WebRTC', hosted)
if (native) report('native', native)

async function measurePorchlight(wire: 'WebRTC' | 'native') {
  const profiling = values.profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${values.profile}` }
  const nativePort = randomInt(21_000, 28_000)
  const flags = ['--app', 'terminal', '--native', 'on', '--native-port', `${nativePort}`]
  await using house = await openPorchlight({ flags, environment: profiling })
  const { id: lobbyId } = await house.firstLobby()
  await using field = await startMovingField(house, lobbyId)
  const { token: invitation } = await house.invite(lobbyId, 'viewer')
  const key = openHostKey(join(house.directory, 'data')).publicKey
  const nativeLink = formatNativeLink({ host: '127.0.0.1', port: nativePort, key, invitation })
  const own = { url: house.signallingUrl, token: house.ownerToken, lobbyId, limitBps }
  const watch = wire === 'native' ? { ...own, nativeLink } : own
  const groups = { ...(await processGroups(house)), scene: [field.pid] }
  return await climb(groups, watch, () => eventLoopDelayMs(house))
}

async function measureBareSender(bytesPerPicture: number) {
  await using sender = await BareSender.start({ udpPort: bareUdpPort, bytesPerPicture })
  const noDelay = async () => ({ p50: Number.NaN, p99: Number.NaN, max: Number.NaN })
  return await climb({ server: [sender.pid] }, { url: sender.url, limitBps }, noDelay)
}

/** Measures with more and more viewers. */
async function climb<Groups extends ProcessGroups>(
  groups: Groups,
  watch: Reception,
  readDelay: () => Promise<Step<never>['delay']>,
): Promise<Step<keyof Groups & string>[]> {
  await using receivers = new Receivers()
  const done: Step<keyof Groups & string>[] = []
  for (const viewers of steps) {
    await receivers.open(viewers - (done.at(-1)?.viewers ?? 0), watch)
    await pause(warmUpMs)
    await oneEncoding(receivers)
    let best: Step<keyof Groups & string> | undefined
    for (let left = Number(values.tries); left > 0 && (!best || others(best) > quietPercent); left--) {
      await Promise.all([receivers.sample(), readDelay()])
      const meter = await meterProcessors({ ...groups, receivers: [receivers.pid], bench: [process.pid] })
      await pause(measureMs)
      const [cpu, received, delay] = await Promise.all([meter.stop(), receivers.sample(), readDelay()])
      const step = { viewers, cpu, received, delay }
      if (!best || others(step) < others(best)) best = step
    }
    if (!best) throw new RangeError('Cannot measure without a try')
    if (best.cpu.machine > saturatedPercent) console.warn(`At ${viewers} viewers the machine is saturated`)
    done.push(best)
  }
  return done
}

/** What everything else on the machine took, in percent of one core. */
function others({ cpu }: Step<string>): number {
  const { machine = 0, ...measured } = cpu
  return Math.max(0, machine - Object.values(measured).reduce((sum, share) => sum + share, 0))
}

/**
 * Waits until all viewers get the same pictures. One who comes has an encoding to itself for about twelve seconds: until
 * its path is known to carry as much as those of the others.
 */
async function oneEncoding(receivers: Receivers): Promise<void> {
  await receivers.sample()
  for (const untilMs = performance.now() + patienceMs; performance.now() < untilMs;) {
    await pause(sharingCheckMs)
    const sample = await receivers.sample()
    if (sample.distinctPictures <= 1.05 * Math.max(...sample.viewers.map(({ pictures }) => pictures))) return
    if (sample.viewers.length === 0) return
  }
}

/** What one viewer was sent of pictures, as bytes a picture at 60 a second. */
function pictureBytes(step: Step<string> | undefined): number {
  const viewers = step?.received.viewers ?? []
  const bytes = viewers.reduce((sum, viewer) => sum + viewer.bytes, 0)
  return Math.round(bytes / viewers.length / (measureMs / 1000) / 60)
}

function report(wire: string, measured: typeof hosted): void {
  const percent = (value: number) => `${value.toFixed(1)} %`
  const rows = measured.map((step, index) => {
    const { viewers, cpu, received, delay } = step
    const perSecond = (pick: (viewer: ReceiverSample['viewers'][number]) => number) => {
      return (
        received.viewers.reduce((sum, viewer) => sum + pick(viewer), 0) / received.viewers.length / (measureMs / 1000)
      )
    }
    const pictures = perSecond((viewer) => viewer.pictures)
    return [
      `${viewers}`,
      percent(cpu.server),
      percent(cpu.viewers),
      percent(cpu.media),
      percent(cpu.display + cpu.sound),
      percent(bare[index]?.cpu.server ?? Number.NaN),
      percent(cpu.receivers),
      percent(others(step)),
      viewers === 0 ? '–' : (perSecond((viewer) => viewer.bytes * 8) / 1e6).toFixed(2),
      viewers === 0 ? '–' : perSecond((viewer) => viewer.packets).toFixed(0),
      viewers === 0 ? '–' : pictures.toFixed(1),
      viewers === 0 ? '–' : (received.distinctPictures / (pictures * (measureMs / 1000))).toFixed(2),
      `${delay.p50.toFixed(1)} / ${delay.p99.toFixed(1)} / ${delay.max.toFixed(1)}`,
    ]
  })
  const head = [
    'viewers',
    'server',
    'viewer process',
    'media process',
    'display and sound',
    'bare sender',
    'receivers',
    'all else on the machine',
    'Mbit/s each',
    'packets/s each',
    'pictures/s each',
    'encodings',
    'event loop late p50 / p99 / max ms',
  ]
  const more = (of: readonly Step<string>[]) => {
    return slope(
      of
        .filter(({ viewers }) => viewers > 0)
        .map(({ viewers, cpu }) => [viewers, (cpu['server'] ?? Number.NaN) + (cpu['viewers'] ?? 0)]),
    )
  }
  console.log(`\n${table(head, rows)}\n`)
  console.log(
    `One more viewer by ${wire}: ${more(measured).toFixed(2)} % of a core in the server and its viewer process; of the bare sender ${more(bare).toFixed(2)} %; ratio ${(more(measured) / more(bare)).toFixed(2)}.`,
  )
}
