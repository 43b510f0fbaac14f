import type { Page } from 'playwright-core'
import type { Switched } from '../support/bench-viewer.ts'
import { openPorchlight } from '../../test/support/running-porchlight.ts'
import { percentiles, table } from '../support/figures.ts'
import { MeasuringBrowser } from '../support/measuring-browser.ts'

const lobbyHeight = 736
const waitingRoomHeight = 720
const shares = [0.5, 0.95, 1]

/** Between waiting room and lobby on a connection that stands, there and back, with the product's client. */
export async function measureSwitches(times: number): Promise<string> {
  await using browser = await MeasuringBrowser.open()
  await using house = await openPorchlight({ flags: ['--app', 'test-pattern', '--size', `1280x${lobbyHeight}`] })
  const { id: lobbyId } = await house.firstLobby()
  const page = await browser.visit(house)
  await page.evaluate((start) => benchViewer?.start(start), { url: house.signallingUrl, token: house.ownerToken })
  const [joins, leaves]: Switched[][] = [[], []]
  for (let time = 0; time < times; time++) {
    joins?.push(await joinLobby(page, lobbyId))
    leaves?.push(await leaveLobby(page))
  }
  const row = (name: string, switches: readonly Switched[] = []) => [
    name,
    `${times}`,
    percentiles(
      switches.map(({ tookMs }) => tookMs),
      shares,
    ),
    percentiles(
      switches.map(({ longestGapMs }) => longestGapMs),
      shares,
    ),
  ]
  const head = ['switch', 'times', 'message to first picture p50 / p95 / max ms', 'longest gap between pictures']
  return table(head, [row('waiting room (30 fps) to lobby (60 fps)', joins), row('lobby to waiting room', leaves)])
}

async function joinLobby(page: Page, lobbyId: string): Promise<Switched> {
  const place = { lobbyId, height: lobbyHeight }
  return wanted(await page.evaluate((to) => benchViewer?.join(to.lobbyId, to.height), place))
}

async function leaveLobby(page: Page): Promise<Switched> {
  return wanted(await page.evaluate((height) => benchViewer?.leave(height), waitingRoomHeight))
}

function wanted(switched: Switched | undefined): Switched {
  if (!switched) throw new Error('The page has no viewer')
  return switched
}
