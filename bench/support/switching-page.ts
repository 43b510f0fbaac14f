import type { Page } from 'playwright-core'
import type { RunningPorchlight } from '../../test/support/running-porchlight.ts'
import type { ReceivedStatistics, Switched } from './bench-viewer.ts'
import type { MeasuringBrowser } from './measuring-browser.ts'

/** Not the waiting room's 720: so that its pictures are told from the lobby's. */
export const lobbyHeight = 736
const waitingRoomHeight = 720

/** A page that goes back and forth between waiting room and lobby on one connection, with the product's client. */
export class SwitchingPage {
  readonly #page: Page
  readonly #lobbyId: string
  /** How long each switch is watched before and after. */
  readonly #marginMs: number

  private constructor(page: Page, lobbyId: string, marginMs: number) {
    this.#page = page
    this.#lobbyId = lobbyId
    this.#marginMs = marginMs
  }

  /** The first lobby of the house has to be of {@link lobbyHeight}. */
  static async open(browser: MeasuringBrowser, house: RunningPorchlight, marginMs: number): Promise<SwitchingPage> {
    const { id } = await house.firstLobby()
    const page = await browser.visit(house)
    await page.evaluate((start) => benchViewer?.start(start), { url: house.signallingUrl, token: house.ownerToken })
    return new SwitchingPage(page, id, marginMs)
  }

  async join(): Promise<Switched> {
    const to = { lobbyId: this.#lobbyId, height: lobbyHeight, marginMs: this.#marginMs }
    return wanted(await this.#page.evaluate((at) => benchViewer?.join(at.lobbyId, at.height, at.marginMs), to))
  }

  async leave(): Promise<Switched> {
    const to = { height: waitingRoomHeight, marginMs: this.#marginMs }
    return wanted(await this.#page.evaluate((at) => benchViewer?.leave(at.height, at.marginMs), to))
  }

  async statistics(): Promise<ReceivedStatistics> {
    return wanted(await this.#page.evaluate(() => benchViewer?.statistics()))
  }
}

function wanted<Answer>(answer: Answer | undefined): Answer {
  if (answer === undefined) throw new Error('The page has no viewer')
  return answer
}
