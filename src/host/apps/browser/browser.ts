import { copyFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { RunAbilities } from '../../run/contract/run-abilities.ts'
import { plainRun, type RunRules } from '../../run/contract/run-rules.ts'
import type { App, Command, Launch, LaunchPlace } from '../definition/app.ts'
import { copyBelow, directoryBelow } from '../homes/home-entries.ts'
import { writeLook } from '../look/look.ts'
import {
  displayServer,
  findFirst,
  whyUnavailable,
  type FindProgram,
  type Requirement,
} from '../definition/requirement.ts'
import { inShell, plain, writeTemplate } from '../definition/template.ts'

const here = import.meta.dirname

const requirements: readonly Requirement[] = [
  displayServer,
  { anyOf: ['openbox'], package: 'openbox' },
  { anyOf: ['xsetroot'], package: 'x11-xserver-utils' },
]

const firefoxes = ['firefox-esr', 'firefox'] as const
const chromiums = ['chromium', 'chromium-browser', 'google-chrome'] as const

/** One way of running a browser here. */
interface Browser {
  readonly family: 'chromium' | 'firefox'
  readonly name: string
  readonly rules: RunRules
}

export interface BrowserMachine {
  readonly find: FindProgram
  readonly abilities: Pick<RunAbilities, 'whyNoSandbox'>
  /** Chromium refuses to run as root with its own sandbox. */
  readonly asRoot: boolean
}

/** Chromium or Firefox, whichever is there, filling the display. It ends when its last window is closed. */
export async function browserApp(machine: BrowserMachine): Promise<App> {
  const found = await chooseBrowser(machine)
  const missing = await whyUnavailable(requirements, machine.find)
  const browser = typeof found === 'string' ? undefined : found
  return {
    id: 'browser',
    title: 'Browser',
    ...(browser && { icon: browser.name }),
    size: { width: 1280, height: 720 },
    fps: 60,
    isExtra: true,
    unavailable: missing ?? (typeof found === 'string' ? found : undefined),
    source: {
      kind: 'display',
      sound: 'stereo',
      ...(browser && { rules: browser.rules }),
      prepare: async (place) => {
        // Looked for again: what was there at the start may have been replaced since.
        const now = await chooseBrowser(machine)
        if (typeof now === 'string') throw new Error(now)
        return prepare(place, now)
      },
    },
  }
}

/** The browser to run, or why there is none. */
async function chooseBrowser({ find, abilities, asRoot }: BrowserMachine): Promise<Browser | string> {
  const chromium = await findFirst(chromiums, find)
  if (chromium && !asRoot) return { family: 'chromium', name: chromium.name, rules: plainRun }
  const firefox = await findFirst(firefoxes, find)
  if (firefox) return { family: 'firefox', name: firefox.name, rules: plainRun }
  if (!chromium) {
    return 'Not installed here: chromium or firefox-esr. To install: sudo apt-get install --no-install-recommends chromium'
  }
  const noSandbox = await abilities.whyNoSandbox()
  if (noSandbox !== undefined) {
    return `Chromium does not keep its own sandbox as root, and there is no other. Start Porchlight as another user, or: ${noSandbox}`
  }
  const sandbox = { network: true, readable: [], writable: [], devices: [] }
  return { family: 'chromium', name: chromium.name, rules: { ...plainRun, sandbox } }
}

async function prepare({ directory, home }: LaunchPlace, browser: Browser): Promise<Launch> {
  const script = join(directory, 'start.sh')
  const command = browser.family === 'firefox' ? await firefoxCommand(browser.name, home) : chromiumCommand(browser)
  const words = command.map(inShell).join(' ')
  await writeTemplate({
    template: join(here, 'start.sh'),
    to: script,
    values: { command: words },
    escape: plain,
  })
  await copyFile(join(here, 'rc.xml'), join(directory, 'rc.xml'))
  return {
    command: ['openbox', '--config-file', join(directory, 'rc.xml'), '--startup', `sh ${inShell(script)}`],
    env: await writeLook(directory, { fontSizePt: 11 }),
    afterResize: undefined,
  }
}

/** Without what asks at a first start, a keyring, and shared memory that containers have little of. */
function chromiumCommand({ name, rules }: Browser): Command {
  return [
    name,
    '--no-first-run',
    '--no-default-browser-check',
    '--password-store=basic',
    '--disable-dev-shm-usage',
    '--hide-crash-restore-bubble',
    '--noerrdialogs',
    '--allow-browser-signin=false',
    // It is shut in already; --test-type keeps it from warning of that.
    ...(rules.sandbox ? ['--no-sandbox', '--test-type'] : []),
    'about:blank',
  ]
}

async function firefoxCommand(program: string, home: string): Promise<Command> {
  const name = `.porchlight-${basename(program)}`
  const directory = await directoryBelow(home, name)
  if (directory) await copyBelow(home, { from: join(here, 'firefox.prefs'), directory, name: 'user.js' })
  return [program, '--no-remote', '--profile', join(home, name), 'about:blank']
}
