import type { Browser, Page } from 'playwright-core'
import type { PictureMeter } from './picture-meter.ts'

declare global {
  /** There in the page, not here. */
  var pictureMeter: PictureMeter | undefined
}

/** Not the waiting room's: so that its pictures are told from the lobby's. */
export const lobbyHeight = 368

/** The product's page in a profile of its own, with every picture noted. */
export class WatchedPage implements AsyncDisposable {
  readonly #page: Page

  private constructor(page: Page) {
    this.#page = page
  }

  /** `script` is what `buildInPage('install-picture-meter')` gives. */
  static async open(browser: Browser, script: string): Promise<WatchedPage> {
    const context = await browser.newContext({ viewport: { width: 800, height: 450 }, ignoreHTTPSErrors: true })
    await context.addInitScript({ content: `${script}\npictureMeter.begin(${lobbyHeight})` })
    return new WatchedPage(await context.newPage())
  }

  /** Loads it; resolves as soon as there is a document. */
  async goTo(link: string): Promise<void> {
    await this.#page.goto(link, { waitUntil: 'commit' })
  }

  /** Waits until the lobby comes by WebRTC. */
  async untilDirect(): Promise<void> {
    await this.#page.locator('.viewer [data-state="connected"]').first().waitFor({ state: 'attached' })
    await this.#page.locator('.bar .badge .by').waitFor({ state: 'detached' })
  }

  /** When the first picture that was drawn after a moment was shown; undefined when it took too long. */
  firstDrawnAfter(epochMs: number, withinMs: number): Promise<number | undefined> {
    const wanted = { epochMs, withinMs }
    return this.#page.evaluate((given) => pictureMeter?.firstDrawnAfter(given.epochMs, given.withinMs), wanted)
  }

  /** What carries now, in the page's own words. */
  async path(): Promise<string> {
    const said = await this.#page.locator('.bar .badge').innerText()
    return said.replace(/^connected\s*/, '') || 'direct'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#page.context().close()
  }
}
