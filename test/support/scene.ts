import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test, type TestContext } from 'node:test'
import type { Browser } from 'playwright-core'
import type { LobbyView } from '../../src/wire/api/resources.ts'
import { openChromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { LobbyMachine } from './lobby-machine.ts'
import { openPorchlight, type PorchlightOptions, type RunningPorchlight } from './running-porchlight.ts'
import { openSeats, type Motion, type Screen, type Seat, type ViewerPage } from './viewer-page.ts'

const testTimeoutMs = 240_000

/** A browser that was started for a test. */
export interface OpenBrowser extends AsyncDisposable {
  readonly browser: Browser
}

export interface SceneOptions extends PorchlightOptions {
  /** What viewers sit in front of, Chromium when left out. */
  readonly openBrowser?: () => Promise<OpenBrowser>
  /** Whether the page moves as it usually does. Left out, viewers prefer reduced motion: drawing it takes a share of the tests' time. */
  readonly motion?: Motion
}

export interface SitOptions {
  readonly link?: string
  readonly browser?: Browser
  readonly screen?: Screen
  /** Whether they go on from test to test, until the lobby changes or a test fails. */
  readonly stays?: boolean
}

export interface SceneLobbyOptions {
  /** As the API has them. */
  readonly settings?: object
  /** One that is open whenever this one is. */
  readonly beside?: SceneLobby
}

type Run = (t: TestContext) => Promise<void>

/** A real Porchlight and a real browser, shared by the tests of a file or of a folder; each test has viewers of its own. */
export class Scene {
  readonly house: RunningPorchlight
  readonly #browser: OpenBrowser
  readonly #seat: Seat
  readonly #viewers = new Set<ViewerPage>()
  /** Those that stay from test to test of a file. */
  readonly #staying = new Set<ViewerPage>()
  #lobby: SceneLobby | undefined
  /** Whose turn it is. */
  #file: string | undefined

  constructor(house: RunningPorchlight, browser: OpenBrowser, seat: Seat) {
    this.house = house
    this.#browser = browser
    this.#seat = seat
  }

  /** What viewers sit in front of. */
  get browser(): Browser {
    return this.#browser.browser
  }

  /** Somebody opens a link, the owner's unless another one is given, and leaves with the test unless they stay in its lobby. */
  async sit(options: SitOptions = {}): Promise<ViewerPage> {
    const { link = this.house.link, browser = this.#browser.browser, screen, stays = false } = options
    const viewer = await this.#seat(browser, link, screen)
    ;(stays ? this.#staying : this.#viewers).add(viewer)
    return viewer
  }

  machine(lobbyId: string): LobbyMachine {
    return new LobbyMachine(this.house, lobbyId)
  }

  /**
   * Opens a lobby and waits until its app runs. Its X server repeats no keys: one that is let go late, on a machine with other work to
   * do, would write its letter more than once.
   */
  async openLobby(appId: string, title: string, settings?: object): Promise<LobbyView> {
    const view = await this.house.openLobby(appId, title, settings)
    const machine = this.machine(view.id)
    if ((await machine.appProcesses()).length > 0) await machine.run('xset', 'r', 'off')
    return view
  }

  /** A lobby that the tests of one file share; it is opened before the first of its tests and closed after the last. */
  lobby(appId: string, title: string, options: SceneLobbyOptions = {}): SceneLobby {
    return new SceneLobby(this, appId, title, options)
  }

  /** A test whose viewers leave with it. When it fails, what they saw and what the server said are kept. */
  test(name: string, run: Run): void {
    this.testIn(undefined, name, run)
  }

  /** As {@link test}, with a lobby open; none of those that files share is open with undefined. */
  testIn(lobby: SceneLobby | undefined, name: string, run: Run): void {
    test(name, { timeout: testTimeoutMs }, async (t) => {
      try {
        await this.#turnTo(lobby, t.filePath)
        await run(t)
      } catch (error) {
        await this.#keepEvidence(name).catch(() => {})
        // What they were left in the middle of is nothing to begin with.
        await this.#seeOut(this.#staying)
        throw error
      } finally {
        await this.#seeOut(this.#viewers)
      }
    })
  }

  async close(): Promise<void> {
    await Promise.all([this.#browser[Symbol.asyncDispose](), this.house[Symbol.asyncDispose]()])
  }

  async #seeOut(viewers: Set<ViewerPage>): Promise<void> {
    await Promise.all([...viewers].map((viewer) => viewer[Symbol.asyncDispose]().catch(() => {})))
    viewers.clear()
  }

  /** Files come one after the other: whose turn it is finds no lobby and nobody of those before, nor what they left in homes. */
  async #turnTo(lobby: SceneLobby | undefined, file: string | undefined): Promise<void> {
    const isNext = file !== this.#file
    if (!isNext && lobby === this.#lobby) return
    await this.#seeOut(this.#staying)
    await this.#lobby?.close()
    this.#lobby = lobby
    if (isNext && this.#file !== undefined) await this.#emptyHouse()
    this.#file = file
    await lobby?.open()
  }

  async #emptyHouse(): Promise<void> {
    const idsOf = async (what: 'lobbies' | 'sessions') =>
      ((await this.house.api('GET', what)).json() as { id: string }[]).map(({ id }) => id)
    for (const id of await idsOf('lobbies')) await this.house.api('DELETE', `lobbies/${id}`)
    await eventually(
      async () => [await idsOf('lobbies'), await idsOf('sessions')].flat(),
      ({ length }) => length === 0,
      { what: 'an empty house for the next file' },
    )
    await rm(join(this.house.directory, 'data', 'homes'), { recursive: true, force: true, maxRetries: 5 })
  }

  async #keepEvidence(name: string): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), 'porchlight-evidence-'))
    console.error(`What was seen in "${name}" is kept in ${directory}`)
    await writeFile(join(directory, 'server.log'), `${this.house.output}\n${this.house.log}`)
    for (const [index, { page, complaints }] of [...this.#viewers, ...this.#staying].entries()) {
      await page.screenshot({ path: join(directory, `viewer-${index + 1}.png`), timeout: 5000 }).catch(() => {})
      const said = await page
        .locator('body')
        .ariaSnapshot({ timeout: 5000 })
        .catch(() => 'the page does not answer')
      await writeFile(join(directory, `viewer-${index + 1}.txt`), [page.url(), ...complaints, said].join('\n'))
    }
  }
}

/** A lobby that the tests of one file share. */
export class SceneLobby {
  readonly title: string
  readonly #scene: Scene
  readonly #appId: string
  readonly #options: SceneLobbyOptions
  #view: LobbyView | undefined
  #resident: ViewerPage | undefined

  constructor(scene: Scene, appId: string, title: string, options: SceneLobbyOptions) {
    this.#scene = scene
    this.#appId = appId
    this.#options = options
    this.title = title
  }

  /** As it was when it was opened; there is none outside of its tests. */
  get view(): LobbyView {
    return this.#view ?? assert.fail(`The lobby "${this.title}" is not open: this is none of its tests`)
  }

  get id(): string {
    return this.view.id
  }

  get machine(): LobbyMachine {
    return this.#scene.machine(this.id)
  }

  /**
   * The owner in front of it, whose keyboard and pointer are the app's; the same for all of its tests that ask: a page that is opened, and a
   * lobby that is stepped into, take more than most of what is done there.
   */
  async resident(): Promise<ViewerPage> {
    if (this.#resident === undefined || this.#resident.page.isClosed()) {
      this.#resident = await this.#scene.sit({ stays: true })
      await this.#resident.stepInto(this.title)
      await this.#resident.takeControl()
    }
    return this.#resident
  }

  /** A test in it. */
  test(name: string, run: Run): void {
    this.#scene.testIn(this, name, run)
  }

  async open(): Promise<void> {
    const { settings, beside } = this.#options
    await beside?.open()
    this.#view = await this.#scene.openLobby(this.#appId, this.title, settings)
  }

  async close(): Promise<void> {
    const id = this.#view?.id
    this.#view = undefined
    // A test may have closed it.
    if (id !== undefined) await this.#scene.house.api('DELETE', `lobbies/${id}`)
    await this.#options.beside?.close()
  }
}

/** Opens a scene that closes after the last test of those who share it. */
export async function openScene({ openBrowser = openChromium, ...options }: SceneOptions = {}): Promise<Scene> {
  const opened = [openPorchlight(options), openBrowser(), openSeats(options.motion ?? 'reduce')] as const
  const [house, browser, seat] = await Promise.all(opened).catch(async (error: unknown) => {
    // What is left open would keep the process.
    for (const part of await Promise.allSettled(opened.slice(0, 2))) {
      if (part.status === 'fulfilled') await (part.value as AsyncDisposable)[Symbol.asyncDispose]()
    }
    throw error
  })
  const scene = new Scene(house, browser, seat)
  after(() => scene.close())
  return scene
}
