/**
 * How late the server's event loop runs under viewers, then with a text said every 100 ms, then with a lobby started and stopped over and
 * over as well, and how long pictures take meanwhile: with the data on a disk, and beside it the same loop with the data in memory, where no write waits for a disk. Needs the
 * terminal app and a /dev/shm.
 *
 *     npm run bench event-loop [-- --seconds 15] [--warm-up 3] [--viewers 8] [--disk DIRECTORY]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openPorchlight, type RunningPorchlight } from '../test/support/running-porchlight.ts'
import { describeRun } from './support/describe-run.ts'
import { percentiles, table } from './support/figures.ts'
import { eventLoopDelayMs, startMovingField } from './support/house.ts'
import { Receivers } from './support/receivers.ts'
import { openSayingClient } from './support/saying-client.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '15' },
    'warm-up': { type: 'string', default: '3' },
    viewers: { type: 'string', default: '8' },
    disk: { type: 'string', default: tmpdir() },
  },
})
const measureMs = Number(values.seconds) * 1000
const warmUpMs = Number(values['warm-up']) * 1000
const viewers = Number(values.viewers)
const limitBps = 4_000_000
const textEveryMs = 100

interface Row {
  readonly data: string
  readonly load: string
  readonly delay: { readonly p50: number; readonly p99: number; readonly max: number }
  /** From saying a text to its being acknowledged, in milliseconds; empty where none was said. */
  readonly textMs: readonly number[]
  readonly starts: number
  /** From the capture of a picture to its last packet, of the latest 1,024. */
  readonly pictureMs: readonly number[]
}

const run = describeRun()
const rows = [...(await measure('disk', values.disk)), ...(await measure('memory', '/dev/shm'))]
console.log(`${run}\n`)
console.log(
  table(
    [
      'data',
      'load',
      'loop delay p50 / p99 / max ms',
      'capture to last packet p50 / p95 / p99 ms',
      'texts',
      'text to acknowledgement p50 / p99 ms',
      'lobby starts',
    ],
    rows.map(({ data, load, delay, pictureMs, textMs, starts }) => [
      data,
      load,
      [delay.p50, delay.p99, delay.max].map((ms) => ms.toFixed(1)).join(' / '),
      pictureMs.map((ms) => ms.toFixed(1)).join(' / '),
      String(textMs.length),
      textMs.length === 0 ? '' : percentiles(textMs, [0.5, 0.99]),
      String(starts),
    ]),
  ),
)

async function measure(data: string, parent: string): Promise<Row[]> {
  const directory = await mkdtemp(join(parent, 'porchlight-bench-'))
  try {
    await using house = await openPorchlight({ flags: ['--app', 'terminal', '--data', directory] })
    const { id: lobbyId } = await house.firstLobby()
    await using _field = await startMovingField(house, lobbyId)
    await using receivers = new Receivers()
    await receivers.open(viewers, { url: house.signallingUrl, token: house.ownerToken, lobbyId, limitBps })
    const watching = `${viewers} viewers`
    const done = [await step(house, { data, load: watching })]
    done.push(await step(house, { data, load: `${watching}, texts`, textsIn: lobbyId }))
    done.push(
      await step(house, { data, load: `${watching}, texts, lobby starts`, textsIn: lobbyId, startsLobbies: true }),
    )
    return done
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function step(
  house: RunningPorchlight,
  {
    data,
    load,
    textsIn,
    startsLobbies = false,
  }: { data: string; load: string; textsIn?: string; startsLobbies?: boolean },
): Promise<Row> {
  const over = new AbortController()
  const { signal } = over
  await pause(warmUpMs)
  await eventLoopDelayMs(house)
  const saying = textsIn === undefined ? [] : sayTexts(house, textsIn, signal)
  const starting = startsLobbies ? startLobbies(house, signal) : 0
  await pause(measureMs)
  const delay = await eventLoopDelayMs(house)
  const pictureMs = await captureToPacketMs(house)
  over.abort()
  return { data, load, delay, pictureMs, textMs: await saying, starts: await starting }
}

async function captureToPacketMs(house: RunningPorchlight): Promise<number[]> {
  const metrics = await house.metrics()
  return [0.5, 0.95, 0.99].map((quantile) => {
    const name = `porchlight_capture_to_packet_seconds{quantile="${quantile}",gateway="browser"}`
    return (metrics.get(name) ?? Number.NaN) * 1000
  })
}

/** Says one text after the other, and how long each took. */
async function sayTexts(house: RunningPorchlight, lobbyId: string, signal: AbortSignal): Promise<number[]> {
  const client = await openSayingClient(house.signallingUrl, house.ownerToken)
  await client.start({ lobbyId })
  const tookMs: number[] = []
  while (!signal.aborted) {
    const saidMs = performance.now()
    await client.sendText('Twenty-eight characters long')
    tookMs.push(performance.now() - saidMs)
    await pause(Math.max(0, textEveryMs - (performance.now() - saidMs)))
  }
  await client.close()
  return tookMs
}

async function startLobbies(house: RunningPorchlight, signal: AbortSignal): Promise<number> {
  let starts = 0
  while (!signal.aborted) {
    const { id } = await house.openLobby('terminal', `Lobby ${++starts}`)
    await house.api('DELETE', `lobbies/${id}`)
  }
  return starts
}
