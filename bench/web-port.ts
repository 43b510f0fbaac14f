/**
 * Media through the web port, in a network namespace whose UDP can be dropped and whose rate can be limited: how soon there
 * is a picture, what a move from one path to the other costs, and how old pictures are on a slow path. Needs unshare, ip, tc
 * and iptables.
 *
 *     npm run bench web-port [-- --times 20] [--moves 5] [--seconds 15] [--megabits 8,3,1]
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { openPorchlight, type RunningPorchlight } from '../test/support/running-porchlight.ts'
import type { Moved } from './support/bench-viewer.ts'
import { describeRun } from './support/describe-run.ts'
import { percentiles, table } from './support/figures.ts'
import { MeasuringBrowser } from './support/measuring-browser.ts'
import { inPrivateNetwork } from '../test/support/private-network.ts'
import { UdpWall } from './support/udp-wall.ts'

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '20' },
    moves: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '15' },
    megabits: { type: 'string', default: '8,3,1' },
  },
})
const shares = [0.5, 0.95, 1]
/** Not the waiting room's 720. */
const height = 736
const settleMs = 8000

if (await inPrivateNetwork()) await main()

async function main(): Promise<void> {
  const run = describeRun()
  const wall = await UdpWall.lay()
  await using house = await openPorchlight({ flags: ['--app', 'test-pattern', '--size', `1280x${height}`] })
  await using browser = await MeasuringBrowser.open()
  const { id: lobbyId } = await house.firstLobby()
  console.log(`${run}\n`)
  await wall.block(true)
  console.log(`${await measureStarts(house, browser, lobbyId, Number(values.times))}\n`)
  console.log(`${await measureMoves(house, browser, wall, lobbyId, Number(values.moves))}\n`)
  await wall.block(true)
  console.log(await measureSlowPaths(house, browser, wall, lobbyId))
}

async function measureStarts(house: RunningPorchlight, browser: MeasuringBrowser, lobbyId: string, times: number) {
  const loads: number[] = []
  const starts: number[] = []
  for (let time = 0; time < times; time++) {
    const page = await browser.page()
    await page.goto(`${house.link}&lobby=${lobbyId}`)
    const seen = await page.evaluate((wanted) => pageMeter?.firstPicture(wanted), height)
    loads.push(seen?.sinceLoadMs ?? Number.NaN)
    await page.context().close()
    const viewer = await browser.visit(house)
    starts.push(await start(viewer, house, lobbyId))
    await viewer.context().close()
  }
  const head = ['UDP dropped, to the first picture', 'times', 'p50 / p95 / max ms']
  const rows = [
    ['from the start of loading the page', `${times}`, percentiles(loads, shares)],
    ['from `start()` of a client', `${times}`, percentiles(starts, shares)],
  ]
  return table(head, rows)
}

async function measureMoves(
  house: RunningPorchlight,
  browser: MeasuringBrowser,
  wall: UdpWall,
  lobbyId: string,
  times: number,
) {
  const page = await browser.visit(house)
  await start(page, house, lobbyId)
  const session = (await way(page)).sessionId
  const moves: Record<'direct' | 'web-port', Moved[]> = { direct: [], 'web-port': [] }
  for (let time = 0; time < times; time++) {
    for (const kind of ['direct', 'web-port'] as const) {
      const moved = page.evaluate((wanted) => benchViewer?.moved(wanted), kind) as Promise<Moved>
      await wall.block(kind === 'web-port')
      moves[kind].push(await moved)
      const now = await way(page)
      if (now.sessionId !== session || now.state !== 'connected') throw new Error('The session did not go on')
      await pause(settleMs)
    }
  }
  await page.context().close()
  const head = ['move', 'times', 'to the change p50 / p95 / max ms', 'longest time between two pictures']
  const rows = Object.entries(moves).map(([kind, list]) => [
    kind === 'direct' ? 'UDP gets through: web port to WebRTC' : 'UDP dropped: WebRTC to web port',
    `${times}`,
    percentiles(
      list.map(({ tookMs }) => tookMs),
      shares,
    ),
    percentiles(
      list.map(({ longestGapMs }) => longestGapMs),
      shares,
    ),
  ])
  return table(head, rows)
}

async function measureSlowPaths(house: RunningPorchlight, browser: MeasuringBrowser, wall: UdpWall, lobbyId: string) {
  const rows: string[][] = []
  for (const megabits of [undefined, ...values.megabits.split(',').map(Number)]) {
    const page = await browser.visit(house)
    await start(page, house, lobbyId)
    await pause(2000)
    if (megabits !== undefined) await wall.narrow(megabits * 1e6)
    for (const part of ['start', 'then']) {
      const durationMs = (part === 'start' ? 0.4 : 1) * Number(values.seconds) * 1000
      const ages = (await page.evaluate((ms) => benchViewer?.readBarcodes(ms), durationMs)) ?? []
      rows.push([
        megabits === undefined ? 'no limit' : `${megabits} Mbit/s`,
        part,
        (ages.length / (durationMs / 1000)).toFixed(1),
        percentiles(
          ages.map(({ presentedMs }) => presentedMs),
          [0.5, 0.95, 0.99, 1],
        ),
        (await way(page)).kind ?? 'none',
      ])
    }
    if (megabits !== undefined) await wall.narrow(undefined)
    await page.context().close()
  }
  return table(['path', 'time', 'pictures/s read', 'drawn to presented p50 / p95 / p99 / max ms', 'by'], rows)
}

async function start(page: Page, house: RunningPorchlight, lobbyId: string): Promise<number> {
  const options = { url: house.signallingUrl, token: house.ownerToken, lobbyId }
  return (await page.evaluate((given) => benchViewer?.start(given), options)) ?? Number.NaN
}

async function way(page: Page) {
  const now = await page.evaluate(() => benchViewer?.way())
  return now ?? { kind: undefined, sessionId: undefined, state: 'gone' }
}
