import { setTimeout as pause } from 'node:timers/promises'
import { openPorchlight } from '../../test/support/running-porchlight.ts'
import { percentiles, table } from '../support/figures.ts'
import { startMovingField } from '../support/house.ts'
import { MeasuringBrowser } from '../support/measuring-browser.ts'

const warmUpMs = 4000
const shares = [0.5, 0.95, 0.99]

/**
 * How old a picture is when Chromium shows it: the time in its barcode is `Date.now()` of the process that drew it (the
 * media process for the test card, the app for the display), and is compared with `Date.now()` in the page. Both are the
 * real-time clock of one machine.
 */
export async function measureGlassToGlass(durationMs: number): Promise<string> {
  await using browser = await MeasuringBrowser.open()
  const rows: string[][] = []
  for (const appId of ['test-pattern', 'terminal']) {
    await using house = await openPorchlight({ flags: ['--app', appId] })
    const { id: lobbyId } = await house.firstLobby()
    await using _field = appId === 'terminal' ? await startMovingField(house, lobbyId) : undefined
    const page = await browser.visit(house)
    const options = { url: house.signallingUrl, token: house.ownerToken, lobbyId, limitBps: 4_000_000 }
    await page.evaluate((start) => benchViewer?.start(start), options)
    await pause(warmUpMs)
    const ages = (await page.evaluate((ms) => benchViewer?.readBarcodes(ms), durationMs)) ?? []
    rows.push([
      appId === 'terminal' ? 'X display in full motion' : 'test card',
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
    await page.context().close()
  }
  const head = [
    '720p60, 4 Mbit/s',
    'pictures/s read',
    'drawn to presented p50 / p95 / p99 ms',
    'drawn to expected display',
  ]
  return table(head, rows)
}
