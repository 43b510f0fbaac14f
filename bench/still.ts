/**
 * How soon a screen that has come to rest can be read and is sharp: a page is drawn after a pause, seen by Chromium through a token
 * bucket with a queue of 300 ms; and what there is five seconds after a deep drop. The pages are a screen of source code as a terminal
 * shows it, one of prose as a document, and the worst case of nothing but small signs. Needs unshare, nsenter, ip and tc, and the
 * terminal app.
 *
 *     npm run bench still [-- --megabits 1,3,20] [--kinds terminal,document,signs] [--pages 20] [--drops 3]
 */
import { globSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { seededRandom } from '../src/kernel/seeded-random.ts'
import { LobbyMachine } from '../test/support/lobby-machine.ts'
import { inPrivateNetwork } from '../test/support/private-network.ts'
import { openPorchlight, type RunningPorchlight } from '../test/support/running-porchlight.ts'
import type { DrawnPage, Sharpened } from './support/bench-viewer.ts'
import { BottleneckPath } from './support/bottleneck-path.ts'
import { describeRun } from './support/describe-run.ts'
import { percentiles, table } from './support/figures.ts'
import { startMovingField } from './support/house.ts'
import { MeasuringBrowser } from './support/measuring-browser.ts'
import { TextDisplay } from './support/text-display.ts'

const { values } = parseArgs({
  options: {
    megabits: { type: 'string', default: '1,3,20' },
    kinds: { type: 'string', default: 'terminal,document,signs' },
    pages: { type: 'string', default: '20' },
    drops: { type: 'string', default: '3' },
  },
})
const queueMs = 300
/** As many as fit into 720 rows of pixels. */
const linesOfPage = 42
const warmUpMs = 8_000
const withinMs = 5_000
const drop = { fromBps: 20e6, toBps: 300_000, lastsMs: 4_000 }

if (await inPrivateNetwork()) await main()

async function main(): Promise<void> {
  const run = describeRun()
  await using path = await BottleneckPath.lay()
  await using house = await openPorchlight({ flags: ['--app', 'terminal', '--host', '0.0.0.0', '--log-level', 'warn'] })
  const { id: lobbyId } = await house.firstLobby()
  const x = await new LobbyMachine(house, lobbyId).connect()
  const display = new TextDisplay(x)
  const random = seededRandom(1)
  let seed = 1
  const rows: string[][] = []
  for (const megabits of values.megabits.split(',').map(Number)) {
    await path.narrow(megabits * 1e6, queueMs)
    await using viewer = await openViewer(path, house, lobbyId)
    await pause(warmUpMs)
    for (const kind of values.kinds.split(',')) {
      const found: Sharpened[] = []
      for (let page = 0; page < Number(values.pages); page++) {
        await pause(1_000 + random() * 2_000)
        found.push(await viewer.sharpAfter(display, pageOf(kind, ++seed)))
      }
      rows.push([`${megabits} Mbit/s`, kind, ...describe(found)])
    }
  }
  await path.narrow(drop.fromBps, queueMs)
  const afterDrop: string[][] = []
  {
    await using viewer = await openViewer(path, house, lobbyId)
    for (let time = 0; time < Number(values.drops); time++) {
      {
        await using _field = await startMovingField(house, lobbyId)
        await pause(warmUpMs)
        await path.narrow(drop.toBps, queueMs)
        await pause(drop.lastsMs)
      }
      await path.narrow(drop.fromBps, queueMs)
      const lowest = (await viewer.state()).targetBps
      const drawn = await viewer.sharpAfter(display, pageOf('terminal', ++seed))
      const { width, height, targetBps } = await viewer.state()
      const megabits = (bps: number) => (bps / 1e6).toFixed(2)
      const sharp = drawn.sharpMs === undefined ? 'never' : drawn.sharpMs.toFixed(0)
      afterDrop.push([`${time + 1}`, megabits(lowest), sharp, `${width}x${height}`, megabits(targetBps)])
    }
  }
  const head = [
    'path',
    'page',
    'times',
    'readable after ms p50 / p95 / max',
    'sharp after ms p50 / p95 / max',
    'never',
    'full size after ms p95',
    'PSNR dB at the end',
  ]
  const dropHead = ['drop', 'Mbit/s at its end', 'sharp after ms', 'size 5 s later', 'Mbit/s 5 s later']
  console.log(`${run}\n\n${table(head, rows)}\n\n${table(dropHead, afterDrop)}`)
}

function describe(found: readonly Sharpened[]): string[] {
  const readableMs = found.map((each) => each.readableMs ?? withinMs)
  const sharpMs = found.map((each) => each.sharpMs ?? withinMs)
  const never = found.filter((each) => each.sharpMs === undefined).length
  const fullMs = found.map((each) => each.fullSizeMs ?? withinMs)
  const decibels = found.map(({ finalDb }) => finalDb)
  return [
    `${found.length}`,
    percentiles(readableMs, [0.5, 0.95, 1]),
    percentiles(sharpMs, [0.5, 0.95, 1]),
    `${never}`,
    percentiles(fullMs, [0.95]),
    percentiles(decibels, [0, 0.5]),
  ]
}

/** The lines of a page begin somewhere in this project's own texts, another place for each seed. */
function pageOf(kind: string, seed: number): DrawnPage {
  if (kind === 'signs') return { kind, seed }
  if (kind !== 'terminal' && kind !== 'document')
    throw new Error(`Cannot draw a page of "${kind}": there are terminal, document and signs`)
  const files = globSync(kind === 'terminal' ? 'src/gateway/**/*.ts' : 'docs/*.md').toSorted()
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n')
  const paragraphs =
    kind === 'terminal' ? text : text.replaceAll(/(\S)\n(?=\w)/g, '$1 ').replaceAll(/(.{1,130})(\s|$)/g, '$1\n')
  const all = paragraphs.split('\n')
  const first = (seed * 997) % (all.length - linesOfPage)
  return { kind, lines: all.slice(first, first + linesOfPage) }
}

async function openViewer(path: BottleneckPath, house: RunningPorchlight, lobbyId: string) {
  const browser = await MeasuringBrowser.open(path.prefix)
  const page = await browser.visit(house, path.hostAddress)
  const url = house.signallingUrl.replace('127.0.0.1', path.hostAddress)
  await page.evaluate((options) => benchViewer?.start(options), { url, token: house.ownerToken, lobbyId })
  return {
    /** Draws a page, and sees when it is sharp in Chromium. */
    async sharpAfter(display: TextDisplay, drawn: DrawnPage): Promise<Sharpened> {
      const { width, height } = display
      const wanted = { drawn, size: { width, height } }
      const grey = await page.evaluate((options) => benchViewer?.draw(options.drawn, options.size), wanted)
      const seen = page.evaluate((options) => benchViewer?.untilSharp(options), withinMs)
      const drawnMs = await display.show(Buffer.from(grey ?? '', 'base64'))
      const sharpened = (await seen) ?? Promise.reject(new Error('There is no viewer'))
      const { readableMs, sharpMs, fullSizeMs, finalDb } = await sharpened
      const since = (epochMs: number | undefined) => (epochMs === undefined ? undefined : epochMs - drawnMs)
      return { readableMs: since(readableMs), sharpMs: since(sharpMs), fullSizeMs: since(fullSizeMs), finalDb }
    },
    async state() {
      const state = await page.evaluate(() => benchViewer?.picture())
      return state ?? { width: 0, height: 0, targetBps: Number.NaN }
    },
    [Symbol.asyncDispose]: () => browser[Symbol.asyncDispose](),
  }
}
