import { openPorchlight } from '../../test/support/running-porchlight.ts'
import type { Switched } from '../support/bench-viewer.ts'
import { percentiles, table } from '../support/figures.ts'
import { MeasuringBrowser } from '../support/measuring-browser.ts'
import { lobbyHeight, SwitchingPage } from '../support/switching-page.ts'

const shares = [0.5, 0.95, 1]
const marginMs = 1000

/** Between waiting room and lobby on a connection that stands, there and back, with the product's client. */
export async function measureSwitches(times: number): Promise<string> {
  await using browser = await MeasuringBrowser.open()
  await using house = await openPorchlight({ flags: ['--app', 'test-pattern', '--size', `1280x${lobbyHeight}`] })
  const page = await SwitchingPage.open(browser, house, marginMs)
  const joins: Switched[] = []
  const leaves: Switched[] = []
  for (let time = 0; time < times; time++) {
    joins.push(await page.join())
    leaves.push(await page.leave())
  }
  const rows = [switchRow('waiting room (30 fps) to lobby (60 fps)', joins), switchRow('lobby to waiting room', leaves)]
  return table(switchHead, rows)
}

export const switchHead = [
  'switch',
  'times',
  'message to first picture p50 / p95 / max ms',
  'longest gap between pictures',
]

export function switchRow(name: string, switches: readonly Switched[]): readonly string[] {
  const took = switches.map(({ tookMs }) => tookMs)
  const gaps = switches.map(({ longestGapMs }) => longestGapMs)
  return [name, `${switches.length}`, percentiles(took, shares), percentiles(gaps, shares)]
}
