import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { openHostKey } from '../../src/server/native/open-host-key.ts'
import { formatNativeLink } from '../../src/wire/native/native-link.ts'
import { openPorchlight, type RunningPorchlight } from '../../test/support/running-porchlight.ts'
import { RunningViewer } from '../../test/support/running-viewer.ts'
import { percentiles, table } from '../support/figures.ts'
import { startMovingField } from '../support/house.ts'
import { MeasuringBrowser } from '../support/measuring-browser.ts'

const warmUpMs = 4000
const shares = [0.5, 0.95, 0.99]

/** From where a page gets its pictures. */
interface Source {
  readonly url: string
  readonly token: string
  readonly lobbyId: string
}

/**
 * How old a picture is when Chromium shows it: the time in its barcode is `Date.now()` of the process that drew it (the
 * media process for the test card, the app for the display), and is compared with `Date.now()` in the page. Both are the
 * real-time clock of one machine. By WebRTC from the host, and by the native transport from `porchlight view`, one after the other.
 */
export async function measureGlassToGlass(durationMs: number): Promise<string> {
  await using browser = await MeasuringBrowser.open()
  const rows: string[][] = []
  for (const appId of ['test-pattern', 'terminal']) {
    const nativePort = randomInt(21_000, 30_000)
    await using house = await openPorchlight({
      flags: ['--app', appId, '--native', 'on', '--native-port', `${nativePort}`],
    })
    const { id: lobbyId } = await house.firstLobby()
    await using _field = appId === 'terminal' ? await startMovingField(house, lobbyId) : undefined
    const measure = async (wire: string, page: Page, source: Source) => {
      const ages = await readAges(page, source, durationMs)
      rows.push([
        appId === 'terminal' ? 'X display in full motion' : 'test card',
        wire,
        (ages.length / (durationMs / 1000)).toFixed(1),
        percentiles(
          ages.map(({ presentedMs }) => presentedMs),
          shares,
        ),
        percentiles(
          ages.map(({ displayedMs }) => displayedMs),
          shares,
        ),
      ])
    }
    const own = { url: house.signallingUrl, token: house.ownerToken, lobbyId }
    await measure('WebRTC', await browser.visit(house), own)
    await using viewer = await openViewer(house, nativePort, lobbyId)
    const page = await browser.page()
    await page.goto(`${viewer.origin}/healthz`)
    await measure('native', page, { url: viewer.signallingUrl, token: viewer.token, lobbyId })
  }
  const head = [
    '720p60, 4 Mbit/s',
    'wire',
    'pictures/s read',
    'drawn to presented p50 / p95 / p99 ms',
    'drawn to expected display',
  ]
  return table(head, rows)
}

async function readAges(page: Page, source: Source, durationMs: number) {
  await page.evaluate((start) => benchViewer?.start(start), { ...source, limitBps: 4_000_000 })
  await pause(warmUpMs)
  const ages = (await page.evaluate((ms) => benchViewer?.readBarcodes(ms), durationMs)) ?? []
  await page.context().close()
  return ages
}

/** `porchlight view` in front of a lobby, and where its page gets pictures. */
async function openViewer(house: RunningPorchlight, port: number, lobbyId: string) {
  const { token: invitation } = await house.invite(lobbyId, 'player')
  const key = openHostKey(join(house.directory, 'data')).publicKey
  const link = formatNativeLink({ host: '127.0.0.1', port, key, invitation })
  const viewer = new RunningViewer(house.directory, [link, '--no-open', '--lobby', lobbyId])
  const { origin, host, hash } = new URL(await viewer.told('Page'))
  return {
    origin,
    signallingUrl: `ws://${host}/api/v1/signal`,
    token: new URLSearchParams(hash.slice(1)).get('token') ?? '',
    [Symbol.asyncDispose]: () => viewer[Symbol.asyncDispose](),
  }
}
