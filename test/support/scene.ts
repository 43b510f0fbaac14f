import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test, type TestContext } from 'node:test'
import type { Browser } from 'playwright-core'
import { openChromium } from './chromium.ts'
import { LobbyMachine } from './lobby-machine.ts'
import { openPorchlight, type PorchlightOptions, type RunningPorchlight } from './running-porchlight.ts'
import { openSeats, type Screen, type Seat, type ViewerPage } from './viewer-page.ts'

const testTimeoutMs = 120_000

/** A browser that was started for a test. */
export interface OpenBrowser extends AsyncDisposable {
  readonly browser: Browser
}

export interface SceneOptions extends PorchlightOptions {
  /** What viewers sit in front of, Chromium when left out. */
  readonly openBrowser?: () => Promise<OpenBrowser>
}

/** A real Porchlight and a real browser for the tests of one file; each test has viewers of its own. */
export class Scene {
  readonly house: RunningPorchlight
  readonly #browser: OpenBrowser
  readonly #seat: Seat
  readonly #viewers = new Set<ViewerPage>()

  constructor(house: RunningPorchlight, browser: OpenBrowser, seat: Seat) {
    this.house = house
    this.#browser = browser
    this.#seat = seat
  }

  /** What viewers sit in front of. */
  get browser(): Browser {
    return this.#browser.browser
  }

  /** Somebody opens a link, the owner's unless another one is given. */
  async sit(options: { link?: string; browser?: Browser; screen?: Screen } = {}): Promise<ViewerPage> {
    const { link = this.house.link, browser = this.#browser.browser, screen } = options
    const viewer = await this.#seat(browser, link, screen)
    this.#viewers.add(viewer)
    return viewer
  }

  machine(lobbyId: string): LobbyMachine {
    return new LobbyMachine(this.house, lobbyId)
  }

  /** A test whose viewers leave with it. When it fails, what they saw and what the server said are kept. */
  test(name: string, run: (t: TestContext) => Promise<void>): void {
    test(name, { timeout: testTimeoutMs }, async (t) => {
      try {
        await run(t)
      } catch (error) {
        await this.#keepEvidence(name).catch(() => {})
        throw error
      } finally {
        await Promise.all([...this.#viewers].map((viewer) => viewer[Symbol.asyncDispose]().catch(() => {})))
        this.#viewers.clear()
      }
    })
  }

  async close(): Promise<void> {
    await Promise.all([this.#browser[Symbol.asyncDispose](), this.house[Symbol.asyncDispose]()])
  }

  async #keepEvidence(name: string): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), 'porchlight-evidence-'))
    console.error(`What was seen in "${name}" is kept in ${directory}`)
    await writeFile(join(directory, 'server.log'), `${this.house.output}\n${this.house.log}`)
    for (const [index, { page, complaints }] of [...this.#viewers].entries()) {
      await page.screenshot({ path: join(directory, `viewer-${index + 1}.png`), timeout: 5000 }).catch(() => {})
      const said = await page
        .locator('body')
        .ariaSnapshot({ timeout: 5000 })
        .catch(() => 'the page does not answer')
      await writeFile(join(directory, `viewer-${index + 1}.txt`), [page.url(), ...complaints, said].join('\n'))
    }
  }
}

/** Opens a scene that closes after the file's last test. */
export async function openScene({ openBrowser = openChromium, ...options }: SceneOptions = {}): Promise<Scene> {
  const [house, browser, seat] = await Promise.all([openPorchlight(options), openBrowser(), openSeats()])
  const scene = new Scene(house, browser, seat)
  after(() => scene.close())
  return scene
}
