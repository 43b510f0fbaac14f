import type { Browser, BrowserContext, BrowserContextOptions, CDPSession, Locator, Page } from 'playwright-core'
import { eventually } from './eventually.ts'
import { buildInPage } from './in-page-script.ts'
import type { Colour, PageProbe, Place } from './page-probe.ts'

declare global {
  /** There in the page, not here. */
  var pageProbe: PageProbe | undefined
}

type ProbeMethod = {
  [Name in keyof PageProbe]: PageProbe[Name] extends (...args: never[]) => unknown ? Name : never
}[keyof PageProbe]

/** How far a decoded colour may be from the one that was painted, in each channel. */
const tolerance = 14
const patienceMs = 60_000
/** Less than a cursor takes to blink. */
const stillMs = 250

/** Somebody in front of a browser: a profile of their own, one page, and what they do and see there. */
export class ViewerPage implements AsyncDisposable {
  readonly page: Page
  /** Errors in the console and errors that nobody caught. */
  readonly complaints: string[] = []
  /** Addresses of everything that was asked for, WebSockets too. */
  readonly addresses: string[] = []
  readonly #context: BrowserContext
  #devtools: CDPSession | undefined
  #mouse: Place = { x: 0, y: 0 }

  constructor(context: BrowserContext, page: Page) {
    this.#context = context
    this.page = page
    page.setDefaultTimeout(patienceMs)
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.on('request', (request) => this.addresses.push(request.url()))
    page.on('websocket', (socket) => this.addresses.push(socket.url()))
  }

  /** Over the doorstep, if the link leads there and asks for nothing that is not known here. */
  async comeIn(): Promise<void> {
    const door = this.page.getByRole('button', { name: 'Come in' })
    await door.or(this.page.locator('.viewer, .shell, .notice[aria-busy=false]')).first().waitFor()
    if ((await door.isVisible()) && (await door.isEnabled())) await door.click()
  }

  /** From the wall through a lobby's door, and waits for its picture. */
  async stepInto(title: string): Promise<void> {
    await this.page
      .getByRole('article')
      .filter({ hasText: title })
      .getByRole('button', { name: title, exact: true })
      .click()
    await this.untilLive()
  }

  /** Waits until the lobby itself is shown. */
  async untilLive(timeoutMs = patienceMs): Promise<void> {
    await this.page
      .locator('.viewer [data-state="connected"]')
      .first()
      .waitFor({ state: 'attached', timeout: timeoutMs })
    await eventually(
      () => this.page.evaluate(() => pageProbe?.firstFrameMs),
      (firstMs) => firstMs !== undefined,
      { what: 'a first picture', withinMs: timeoutMs },
    )
    await this.page.locator('.overlay, .caption').waitFor({ state: 'detached', timeout: timeoutMs })
    // The picture that was kept from the connection before no longer lies over it.
    await this.page.locator('.still[width="0"]').waitFor({ state: 'attached', timeout: timeoutMs })
  }

  /** Clicks a tool of the bar, which may have hidden itself, once. */
  async useTool(name: string | RegExp): Promise<void> {
    const tool = this.page.getByRole('toolbar').getByRole('button', { name, includeHidden: true })
    // A click that fails for its time may have been made, so it is tried without one; a mouse on the tool keeps the bar open.
    await eventually(
      async () => {
        if (await this.page.locator('.viewer[data-bar="hidden"]').count()) {
          await this.page
            .locator('.bar-handle')
            .hover({ timeout: 2000 })
            .catch(() => {})
        }
        // A bar that came under a mouse which stands still has not noticed it: it is moved there.
        const position = { x: 4, y: 4 }
        return (
          (await succeeds(tool.hover({ timeout: 1000, position }))) &&
          (await succeeds(tool.hover({ timeout: 1000 }))) &&
          (await succeeds(tool.click({ trial: true, timeout: 1000 })))
        )
      },
      (isThere) => isThere,
      { what: `the mouse on ${name}` },
    )
    await tool.click()
  }

  /** Presses a tool by keyboard, once the bar is there: on a slow machine it has hidden itself by then, and takes no focus. */
  async pressTool(tool: Locator): Promise<void> {
    const { page } = this
    await eventually(
      async () => {
        if (await page.locator('.viewer[data-bar="hidden"]').count()) await page.locator('.bar-handle').press('Enter')
        await tool.focus()
        return tool.and(page.locator(':focus')).count()
      },
      (count) => count === 1,
      { what: 'the focus on a tool of the bar' },
    )
    await page.keyboard.press('Enter')
  }

  /** Opens the chat, unless it is open. */
  async openChat(): Promise<void> {
    const box = this.page.getByRole('textbox', { name: 'Say something' })
    const tool = this.page.getByRole('toolbar').getByRole('button', { name: 'Chat', includeHidden: true })
    await eventually(
      async () => {
        if ((await box.count()) === 0) await this.pressTool(tool)
        // Once more too early would close it again.
        return succeeds(box.waitFor({ timeout: 15_000 }))
      },
      (open) => open,
      { what: 'an open chat', withinMs: patienceMs },
    )
  }

  /** Makes a share link in the page's own dialog and returns it. */
  async share(role: 'May watch' | 'May play'): Promise<string> {
    const { page } = this
    await this.useTool('Share')
    const dialog = page.getByRole('dialog')
    await dialog.getByText(role, { exact: true }).click()
    await dialog.getByRole('button', { name: 'Create a link' }).click()
    const link = await dialog.locator('.copy-field code').first().innerText()
    await dialog.getByRole('button', { name: 'Close' }).click()
    return link
  }

  /** From the moment that the lobby's door was opened to its first picture, in milliseconds. */
  async joinMs(): Promise<number> {
    return this.page.evaluate(() => Math.round(pageProbe?.firstFrameMs ?? Number.NaN))
  }

  /** What the page has stored, for the whole browser and for its tab. */
  async storage(): Promise<{ browser: [name: string, value: string][]; tab: [name: string, value: string][] }> {
    return this.page.evaluate(() => {
      const { localStorage, sessionStorage } = globalThis as unknown as Record<string, Record<string, string>>
      return { browser: Object.entries(localStorage ?? {}), tab: Object.entries(sessionStorage ?? {}) }
    })
  }

  /** The reason that the waiting room gives, as soon as one is shown. */
  async waitingRoomReason(): Promise<string> {
    const text = await this.page.locator('.caption').innerText()
    return text.replace(/^Waiting room\s*/, '')
  }

  /** Calls a method of the page's probe. */
  probe<Name extends ProbeMethod>(
    name: Name,
    ...args: Parameters<PageProbe[Name]>
  ): Promise<Awaited<ReturnType<PageProbe[Name]>>> {
    return this.page.evaluate(
      ([method, values]) => {
        const probe = pageProbe as unknown as Record<string, (...given: readonly unknown[]) => unknown>
        return probe[method]?.(...values)
      },
      [name, args] as const,
    ) as Promise<Awaited<ReturnType<PageProbe[Name]>>>
  }

  /** Waits until the picture has this colour at a place. */
  async untilColour(place: Place, wanted: Colour, withinMs = patienceMs): Promise<void> {
    await eventually(
      () => this.probe('colours', [place]),
      ([seen]) => seen?.every((channel, index) => Math.abs(channel - (wanted[index] ?? 0)) <= tolerance) ?? false,
      { what: `the colour ${wanted.join()} at ${place.x},${place.y}`, withinMs },
    )
  }

  /** Gives keyboard and pointer to the app by a click at a place of the picture. */
  async takeControl(place: Place = { x: 0.5, y: 0.5 }): Promise<void> {
    const { x, y } = await this.locate(place)
    await this.page.mouse.click(x, y)
    await this.page.locator('textarea:focus').waitFor({ state: 'attached' })
  }

  /** Where a place of the picture is on the page. */
  async locate({ x, y }: Place): Promise<Place> {
    const box = await this.page.locator('video').boundingBox()
    if (!box) throw new Error('There is no picture on this page')
    const size = await eventually(
      () =>
        this.page.locator('video').evaluate((video) => {
          const { videoWidth, videoHeight } = video as unknown as { videoWidth: number; videoHeight: number }
          return { width: videoWidth, height: videoHeight }
        }),
      ({ width, height }) => width > 0 && height > 0,
      { what: 'a picture with a size' },
    )
    const scale = Math.min(box.width / size.width, box.height / size.height)
    return {
      x: box.x + (box.width - size.width * scale) / 2 + x * size.width * scale,
      y: box.y + (box.height - size.height * scale) / 2 + y * size.height * scale,
    }
  }

  /** Types a line. */
  async enter(line: string): Promise<void> {
    await this.page.keyboard.type(line)
    await this.page.keyboard.press('Enter')
  }

  /** The fingerprint of a picture that has come to rest. */
  async stillPicture(): Promise<string> {
    let last = ''
    let sinceMs = 0
    return eventually(
      async () => {
        const seen = await this.probe('fingerprint')
        if (seen !== last) sinceMs = performance.now()
        last = seen
        return seen
      },
      () => performance.now() - sinceMs >= stillMs,
      { what: 'a picture that stands still' },
    )
  }

  /** Presses a key of a keyboard whose layout may be another one than the host's: `code` is where it is, `key` what is on it. */
  async strike(code: string, key: string): Promise<void> {
    this.#devtools ??= await this.#context.newCDPSession(this.page)
    for (const type of ['keyDown', 'keyUp'] as const)
      await this.#devtools.send('Input.dispatchKeyEvent', { type, code, key })
  }

  /** Locks the pointer with the page's button. */
  async lockPointer(): Promise<void> {
    // Where it really was: the bar may have made room for something since.
    await this.page.evaluate(`addEventListener('mousedown', ({ clientX, clientY }) => {
      globalThis.lockedAt = { x: clientX, y: clientY }
    }, { capture: true, once: true })`)
    await this.useTool('Lock the pointer')
    await eventually(
      () => this.page.evaluate('document.pointerLockElement !== null'),
      (locked) => locked === true,
      { what: 'a locked pointer' },
    )
    this.#mouse = await this.page.evaluate<{ x: number; y: number }>('globalThis.lockedAt')
  }

  /** Moves the mouse by so many pixels from where it was when the pointer was locked. */
  async moveBy(dx: number, dy: number): Promise<void> {
    const { x, y } = this.#mouse
    this.#mouse = { x: x + dx, y: y + dy }
    await this.page.mouse.move(this.#mouse.x, this.#mouse.y)
  }

  /** Closes the browser. */
  async leave(): Promise<void> {
    await this.#context.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave()
  }
}

function succeeds(doing: Promise<unknown>): Promise<boolean> {
  return doing.then(
    () => true,
    () => false,
  )
}

/** What somebody looks at. */
export type Screen = Pick<
  BrowserContextOptions,
  'viewport' | 'colorScheme' | 'permissions' | 'hasTouch' | 'isMobile' | 'ignoreHTTPSErrors'
>

/** Sits somebody down in front of a browser, and opens a link there. */
export type Seat = (browser: Browser, link: string, screen?: Screen) => Promise<ViewerPage>

/** What viewers prefer (`prefers-reduced-motion`). */
export type Motion = 'no-preference' | 'reduce'

/** Prepares what all viewers of a test need. */
export async function openSeats(reducedMotion: Motion = 'no-preference'): Promise<Seat> {
  const content = await buildInPage(new URL('in-page/install-page-probe.ts', import.meta.url))
  return async (browser, link, screen = { viewport: { width: 1280, height: 720 } }) => {
    const context = await browser.newContext({ reducedMotion, ...screen })
    await context.addInitScript({ content })
    const viewer = new ViewerPage(context, await context.newPage())
    await viewer.page.goto(link)
    if (link.includes('invite=')) await viewer.comeIn()
    return viewer
  }
}
