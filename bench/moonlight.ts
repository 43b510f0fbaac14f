/**
 * What one more Moonlight viewer costs beside one more browser viewer, in the same run: processor time of the server and its viewer process
 * while 1 to 4 of either watch one lobby of 720p60 at 10 and at 30 Mbit/s each, and the time from capture to last packet of both at once.
 * Clients are processes of their own: real WebRTC receivers, and a Moonlight client that decodes nothing. A step during which other programs
 * took much of the machine is measured again; the quietest try counts. Needs the terminal app.
 *
 *     npm run bench moonlight [-- --seconds 8] [--warm-up 3] [--viewers 1,2,4] [--mbits 10,30] [--tries 5] [--profile DIRECTORY]
 */
import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openPorchlight, type RunningPorchlight } from '../test/support/running-porchlight.ts'
import { describeRun } from './support/describe-run.ts'
import { slope, table } from './support/figures.ts'
import { processGroups, startMovingField } from './support/house.ts'
import { MoonlightReceivers } from './support/moonlight-receivers.ts'
import { meterProcessors, type ProcessGroups } from './support/processor-time.ts'
import { Receivers } from './support/receivers.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    'warm-up': { type: 'string', default: '3' },
    viewers: { type: 'string', default: '1,2,4' },
    mbits: { type: 'string', default: '10,30' },
    tries: { type: 'string', default: '5' },
    profile: { type: 'string' },
  },
})
const measureMs = Number(values.seconds) * 1000
const warmUpMs = Number(values['warm-up']) * 1000
const steps = values.viewers.split(',').map(Number)
/** Of one core, for everything that is not measured. */
const quietPercent = 12
/** One who comes has an encoding to itself for about twelve seconds. */
const patienceMs = 40_000
/** The host tells of its latest 1,024 pictures of each way in. */
const settleMs = 18_000

/** Whoever watches, by one way in. */
interface Crowd {
  readonly pid: number
  open(count: number): Promise<void>
  sample(): Promise<{
    readonly viewers: readonly { readonly packets: number; readonly bytes: number; readonly pictures: number }[]
    readonly distinctPictures: number
  }>
  close(): Promise<void>
}

interface Step {
  readonly viewers: number
  readonly cpu: Readonly<Record<string, number>>
  readonly received: Awaited<ReturnType<Crowd['sample']>>
}

const run = describeRun()
const rows: string[][] = []
const verdicts: string[] = []
for (const mbits of values.mbits.split(',').map(Number)) await measure(mbits)
report()

async function measure(mbits: number): Promise<void> {
  const moonlightPort = randomInt(12_000, 30_000)
  const profiling = values.profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${values.profile}` }
  const flags = ['--app', 'terminal', '--moonlight', 'on', '--moonlight-port', `${moonlightPort}`]
  await using house = await openPorchlight({ flags, environment: profiling })
  const { id: lobbyId, title } = await house.firstLobby()
  await using field = await startMovingField(house, lobbyId)
  await using browsers = new Receivers()
  await using clients = new MoonlightReceivers()
  const watch = { url: house.signallingUrl, token: house.ownerToken, lobbyId, limitBps: mbits * 1e6 }
  const launch = { webPort: house.port, token: house.ownerToken, moonlightPort, title, bitrateKbps: mbits * 1000 }
  const crowds = {
    browser: crowdOf(browsers, (count) => browsers.open(count, watch)),
    Moonlight: crowdOf(clients, (count) => clients.open(count, launch)),
  }
  const groups = { ...(await processGroups(house)), scene: [field.pid], bench: [process.pid] }
  const costs = { browser: Number.NaN, Moonlight: Number.NaN }
  for (const name of ['browser', 'Moonlight'] as const) {
    const done = await climb(crowds[name], { ...groups, receivers: [crowds[name].pid] })
    rows.push(...done.map((step) => rowOf(`${mbits}`, name, step)))
    costs[name] = slope(done.map(({ viewers, cpu }) => [viewers, serverShare(cpu)]))
  }
  await Promise.all(Object.values(crowds).map((crowd) => crowd.open(1)))
  await pause(settleMs)
  const latency = await capturesToPacketMs(house)
  verdicts.push(
    `${mbits} Mbit/s: one more viewer costs ${costs.browser.toFixed(2)} % of a core by WebRTC, ${costs.Moonlight.toFixed(2)} % by Moonlight: ` +
      `${(costs.Moonlight / costs.browser).toFixed(2)} times. Capture to last packet p95, one of each at once: ${latency.browser.toFixed(1)} ms and ` +
      `${latency.moonlight.toFixed(1)} ms: ${(latency.moonlight / latency.browser).toFixed(2)} times.`,
  )
}

function crowdOf(receivers: Receivers | MoonlightReceivers, open: Crowd['open']): Crowd {
  return {
    pid: receivers.pid,
    open,
    sample: () => receivers.sample(),
    close: () => receivers.close(),
  }
}

/** Measures with more and more viewers, and sends them away. */
async function climb(crowd: Crowd, groups: ProcessGroups): Promise<Step[]> {
  const done: Step[] = []
  for (const viewers of steps) {
    await crowd.open(viewers - (done.at(-1)?.viewers ?? 0))
    await pause(warmUpMs)
    await oneEncoding(crowd)
    let best: Step | undefined
    for (let left = Number(values.tries); left > 0 && (!best || others(best) > quietPercent); left--) {
      await crowd.sample()
      const meter = await meterProcessors(groups)
      await pause(measureMs)
      const step = { viewers, cpu: await meter.stop(), received: await crowd.sample() }
      if (!best || others(step) < others(best)) best = step
    }
    if (!best) throw new RangeError('Cannot measure without a try')
    done.push(best)
  }
  await crowd.close()
  return done
}

/** Waits until all get the same pictures. */
async function oneEncoding(crowd: Crowd): Promise<void> {
  await crowd.sample()
  for (const untilMs = performance.now() + patienceMs; performance.now() < untilMs;) {
    await pause(1000)
    const { viewers, distinctPictures } = await crowd.sample()
    if (distinctPictures <= 1.05 * Math.max(...viewers.map(({ pictures }) => pictures))) return
  }
}

function serverShare({ server = Number.NaN, viewers = Number.NaN }: Step['cpu']): number {
  return server + viewers
}

/** What everything else on the machine took, in percent of one core. */
function others({ cpu }: Step): number {
  const { machine = 0, ...measured } = cpu
  return Math.max(0, machine - Object.values(measured).reduce((sum, share) => sum + share, 0))
}

/** From the capture of a picture to its last packet, the 95th percentile of the latest of each way in. */
async function capturesToPacketMs(house: RunningPorchlight): Promise<{ browser: number; moonlight: number }> {
  const metrics = await house.metrics()
  const of = (gateway: string) => {
    return (
      1000 * (metrics.get(`porchlight_capture_to_packet_seconds{quantile="0.95",gateway="${gateway}"}`) ?? Number.NaN)
    )
  }
  return { browser: of('browser'), moonlight: of('moonlight') }
}

function rowOf(mbits: string, name: string, step: Step): string[] {
  const { viewers, cpu, received } = step
  const perSecond = (pick: (viewer: Step['received']['viewers'][number]) => number) =>
    received.viewers.reduce((sum, viewer) => sum + pick(viewer), 0) / received.viewers.length / (measureMs / 1000)
  const percent = (value = Number.NaN) => `${value.toFixed(1)} %`
  const pictures = perSecond((viewer) => viewer.pictures)
  return [
    mbits,
    name,
    `${viewers}`,
    percent(cpu['server']),
    percent(cpu['viewers']),
    percent(cpu['media']),
    percent(cpu['receivers']),
    percent(others(step)),
    (perSecond((viewer) => viewer.bytes * 8) / 1e6).toFixed(2),
    perSecond((viewer) => viewer.packets).toFixed(0),
    pictures.toFixed(1),
    (received.distinctPictures / (pictures * (measureMs / 1000))).toFixed(2),
  ]
}

function report(): void {
  const head = [
    'Mbit/s wanted',
    'by',
    'viewers',
    'server',
    'viewer process',
    'media process',
    'receivers',
    'all else on the machine',
    'Mbit/s each',
    'packets/s each',
    'pictures/s each',
    'encodings',
  ]
  console.log(`${run}\n\n${table(head, rows)}\n\n${verdicts.join('\n')}`)
}
