import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import type { RunningPorchlight } from '../../test/support/running-porchlight.ts'
import type { BenchViewer, PageMeter } from './bench-viewer.ts'
import { buildInPage } from '../../test/support/in-page-script.ts'

declare global {
  /** There in the page, not here. */
  var benchViewer: BenchViewer | undefined
  var pageMeter: PageMeter | undefined
}

const executablePath = '/usr/bin/chromium'
const args = ['--no-sandbox', '--disable-background-networking', '--autoplay-policy=no-user-gesture-required']

/** A headless Chromium whose pages can measure. */
export class MeasuringBrowser implements AsyncDisposable {
  readonly #browser: Browser
  readonly #script: string
  readonly #directory: string

  private constructor(browser: Browser, script: string, directory: string) {
    this.#browser = browser
    this.#script = script
    this.#directory = directory
  }

  /** `prefix` is put before its command, to run it in another network namespace for instance. */
  static async open(prefix: readonly string[] = []): Promise<MeasuringBrowser> {
    const directory = await mkdtemp(join(tmpdir(), 'porchlight-bench-'))
    const launcher = join(directory, 'chromium')
    await writeFile(launcher, `#!/bin/sh\nexec ${[...prefix, executablePath].join(' ')} "$@"\n`)
    await chmod(launcher, 0o700)
    const browser = await chromium.launch({ executablePath: launcher, args })
    return new MeasuringBrowser(
      browser,
      await buildInPage(new URL('in-page/install-bench-viewer.ts', import.meta.url)),
      directory,
    )
  }

  /** A page with a fresh profile, which has loaded nothing yet. */
  async page(): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 720 } })
    await context.addInitScript({ content: this.#script })
    return context.newPage()
  }

  /** A page of the host that shows nothing but what is measured. */
  async visit(house: RunningPorchlight, address = '127.0.0.1'): Promise<Page> {
    const page = await this.page()
    await page.goto(`http://${address}:${house.port}/healthz`)
    return page
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close()
    await rm(this.#directory, { recursive: true })
  }
}
