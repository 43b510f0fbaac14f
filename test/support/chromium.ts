import { chromium, type Browser, type BrowserServer } from 'playwright-core'

const usualPath = '/usr/bin/chromium'

/**
 * What the whole browser, whose window nobody sees here, opens beside each page: what its address bar may show below itself, as two
 * pages more, and a process for the page that may come next. They take as much of a busy machine as the page itself.
 */
const besideThePage = [
  'SpareRendererForSitePerProcess',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'WebUIOmniboxPopup',
]

/** Only the last list counts, so that what Playwright leaves out is in it too. */
const leftOut = [
  ...besideThePage,
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
]

const args = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  `--disable-features=${leftOut.join(',')}`,
  // Sound is played without a gesture, so that a test can listen at once.
  '--autoplay-policy=no-user-gesture-required',
]

/** A headless Chromium with a fresh profile, as a process that can be stopped, let go on and killed. */
export class Chromium implements AsyncDisposable {
  readonly browser: Browser
  readonly #server: BrowserServer
  #ended = false

  constructor(server: BrowserServer, browser: Browser) {
    this.#server = server
    this.browser = browser
  }

  /** All its processes stand still, as if the machine slept. */
  pause(): void {
    this.#signal('SIGSTOP')
  }

  resume(): void {
    this.#signal('SIGCONT')
  }

  /** It vanishes, with no time for a goodbye. */
  async kill(): Promise<void> {
    this.#ended = true
    this.#signal('SIGKILL')
    await this.browser.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return
    this.resume()
    await this.browser.close()
    await this.#server.close()
  }

  /** They are one process group, led by the browser itself. */
  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#server.process()
    if (pid !== undefined) process.kill(-pid, signal)
  }
}

export interface ChromiumOptions {
  /** Origins without TLS that get what secure ones get: WebCodecs, the clipboard, the microphone. */
  readonly secureOrigins?: readonly string[]
  /** Switches of its command line beside the usual ones. */
  readonly switches?: readonly string[]
  /** What is run in the place of the machine's own: a script that runs it in another network namespace, for instance. */
  readonly executablePath?: string
}

export async function openChromium({
  secureOrigins = [],
  switches = [],
  executablePath = usualPath,
}: ChromiumOptions = {}): Promise<Chromium> {
  const trusted = `--unsafely-treat-insecure-origin-as-secure=${secureOrigins.join(',')}`
  const server = await chromium.launchServer({
    executablePath,
    args: [...args, trusted, ...switches],
    handleSIGINT: false,
  })
  try {
    return new Chromium(server, await chromium.connect(server.wsEndpoint()))
  } catch (error) {
    await server.kill()
    throw error
  }
}
