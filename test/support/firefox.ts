import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firefox, type Browser, type BrowserServer } from 'playwright-core'
import { dyingWithParent } from '../../src/os/child/dying-with-parent.ts'
import { PrivateSoundServer } from '../../src/media/testing/private-sound-server.ts'

const executablePath = '/usr/bin/firefox-esr'
const firefoxProcess = join(import.meta.dirname, 'firefox-process.ts')

/** What it would talk to the internet for, and what it would ask somebody. */
const preferences: Readonly<Record<string, string | number | boolean>> = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.newtabpage.enabled': false,
  'browser.region.network.url': '',
  'browser.safebrowsing.downloads.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.safebrowsing.provider.google4.updateURL': '',
  'browser.safebrowsing.provider.mozilla.updateURL': '',
  'browser.search.update': false,
  'datareporting.healthreport.uploadEnabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.push.connection.enabled': false,
  'extensions.getAddons.cache.enabled': false,
  'extensions.update.enabled': false,
  'media.gmp-manager.updateEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,#none',
  // As for people: being driven turns off that it goes offline with the network.
  'network.manage-offline-status': true,
  'toolkit.telemetry.enabled': false,
  'toolkit.telemetry.server': '',
  // It ignores mouse and keys until a page has been shown for a moment; a test is faster than a hand.
  'dom.input_events.security.minNumTicks': 0,
  'dom.input_events.security.minTimeElapsedInMS': 0,
  // Sound is played without a gesture, so that a test can listen at once; a microphone is there and says a tone.
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  // WebRTC with a host on loopback, where those of tests are: Firefox would use the addresses of networks only, and of
  // those the one of the default route only, unless the page may use the microphone.
  'media.peerconnection.ice.loopback': true,
  'permissions.default.microphone': 1,
}

export interface FirefoxOptions {
  /** Origins without TLS that get what secure ones get: WebCodecs, the clipboard, the microphone. */
  readonly secureOrigins?: readonly string[]
}

/** A headless Firefox with a fresh profile and a sound device. Its pages are those of Playwright. */
export class Firefox implements AsyncDisposable {
  readonly browser: Browser
  readonly #server: BrowserServer
  readonly #sound: PrivateSoundServer
  readonly #directory: string

  constructor(parts: { server: BrowserServer; browser: Browser; sound: PrivateSoundServer; directory: string }) {
    this.browser = parts.browser
    this.#server = parts.server
    this.#sound = parts.sound
    this.#directory = parts.directory
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close()
    await this.#server.close()
    await this.#sound[Symbol.asyncDispose]()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

export async function openFirefox({ secureOrigins = [] }: FirefoxOptions = {}): Promise<Firefox> {
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-firefox-'))
  // Where there is none, Firefox lets no audio context run.
  const sound = await PrivateSoundServer.open()
  const server = await firefox.launchServer({
    // Playwright speaks WebDriver BiDi to those whose channel begins like this, and a protocol of its own to its own builds.
    channel: 'moz-firefox',
    executablePath: await writeLauncher(directory),
    handleSIGINT: false,
    firefoxUserPrefs: { ...preferences, 'dom.securecontext.allowlist': secureOrigins.map(hostOf).join(',') },
    // Caches and crash reports go where the profile goes.
    env: { ...process.env, HOME: directory, PULSE_SERVER: sound.server, PULSE_COOKIE: sound.cookieFile },
  })
  try {
    return new Firefox({ server, browser: await firefox.connect(server.wsEndpoint()), sound, directory })
  } catch (error) {
    await server.kill()
    await sound[Symbol.asyncDispose]()
    throw error
  }
}

async function writeLauncher(directory: string): Promise<string> {
  const path = join(directory, 'firefox')
  const command = dyingWithParent(process.env['PATH'], [process.execPath, firefoxProcess, executablePath])
  await writeFile(path, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`)
  await chmod(path, 0o700)
  return path
}

/** The list names hosts, not origins. */
function hostOf(origin: string): string {
  return new URL(origin).hostname
}
