import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { dyingWithParent } from '../../src/os/child/dying-with-parent.ts'
import {
  apiPrefix,
  createdInvitation,
  lobby,
  type CreatedInvitation,
  type LobbyView,
} from '../../src/wire/api/resources.ts'
import { ask, type Answered } from './ask.ts'
import { eventually } from './eventually.ts'

export interface PorchlightOptions {
  readonly flags?: readonly string[]
  /** Added to, or put in place of, what every server of a test gets. */
  readonly environment?: Readonly<Record<string, string>>
  /** Put before its command, to run it in another network namespace for instance. */
  readonly prefix?: readonly string[]
  /** What the `apps.toml` of its data says, if there is one. */
  readonly appsFile?: string
}

/** How a server came to its end. */
export interface Stopped {
  readonly code: number | null
  readonly tookMs: number
}

const main = join(import.meta.dirname, '../../src/cli/main.ts')
const startTimeoutMs = 60_000
const stopTimeoutMs = 20_000

/** A real Porchlight, started by its command line, with a directory of its own for everything it keeps or leaves. */
export class RunningPorchlight implements AsyncDisposable {
  /** Everything of this server is below it: state, sockets, homes. */
  readonly directory: string
  /** Resolves with its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess
  #output = ''
  #log = ''
  #link = ''
  #listeningMs: number | undefined

  constructor(child: ChildProcess, directory: string) {
    this.#child = child
    this.directory = directory
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text
      if (this.#output.includes('  Open ')) this.#listeningMs ??= Date.now()
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#log += text))
    this.ended = once(child, 'exit').then(([code]) => code as number | null)
  }

  /** What it printed on standard output. */
  get output(): string {
    return this.#output
  }

  /** What it wrote into its log, on standard error. */
  get log(): string {
    return this.#log
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The link that it printed, with the owner's token. */
  get link(): string {
    return this.#link
  }

  get ownerToken(): string {
    return new URL(this.#link).hash.replace('#token=', '')
  }

  get port(): number {
    return Number(new URL(this.#link).port)
  }

  /** Where it listens. */
  get address(): string {
    const { hostname } = new URL(this.#link)
    return hostname === 'localhost' ? '127.0.0.1' : hostname
  }

  /** When its port listened, in milliseconds since the Unix epoch. */
  get listeningMs(): number {
    return this.#listeningMs ?? Number.NaN
  }

  /** Where the signalling WebSocket is. */
  get signallingUrl(): string {
    return `ws://${this.address}:${this.port}${apiPrefix}/signal`
  }

  /** Resolves when the page can be opened and the first lobby, if there is one, has been opened. */
  async ready(): Promise<void> {
    const isOver = () => this.#child.exitCode !== null || this.#child.signalCode !== null
    const isOn = () => this.#output.includes('  Stop ')
    await eventually(isOn, (on) => on || isOver(), { what: 'a Porchlight that is on', withinMs: startTimeoutMs })
    if (!isOn()) throw new Error(`Porchlight did not start. It printed:\n${this.#output}\n${this.#log}`)
    this.#link = /Open {4}(\S+)/.exec(this.#output)?.[1] ?? ''
  }

  /** A request to the REST API, as the owner unless another token is given. */
  api(method: string, path: string, options: { body?: unknown; token?: string } = {}): Promise<Answered> {
    const { body, token = this.ownerToken } = options
    return ask(this.port, {
      address: this.address,
      method,
      path: path.startsWith('/') ? path : `${apiPrefix}/${path}`,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  }

  /** The lobby that was opened at the start, as soon as its app runs. */
  async firstLobby(): Promise<LobbyView> {
    const [first] = v.parse(v.array(lobby), (await this.api('GET', 'lobbies')).json())
    if (!first) throw new Error('No lobby was opened at the start')
    return this.#whenRunning(first.id)
  }

  /** Opens a lobby and waits until its app runs. */
  async openLobby(appId: string, title: string = appId, settings: object = {}): Promise<LobbyView> {
    const body = { appId, title, ...settings }
    const { id } = v.parse(lobby, (await this.api('POST', 'lobbies', { body })).json())
    return this.#whenRunning(id)
  }

  /** A link that lets somebody into a lobby. */
  async invite(
    lobbyId: string,
    role: 'player' | 'viewer',
  ): Promise<CreatedInvitation & { link: string; token: string }> {
    const created = v.parse(
      createdInvitation,
      (await this.api('POST', 'invitations', { body: { lobbyId, role } })).json(),
    )
    const link = `${new URL(this.#link).origin}/#${created.fragment}`
    return { ...created, link, token: new URLSearchParams(created.fragment).get('invite') ?? '' }
  }

  /** The value of each metric by its name and labels, as they are written. */
  async metrics(token = this.ownerToken): Promise<ReadonlyMap<string, number>> {
    const { text } = await this.api('GET', '/metrics', { token })
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    return new Map(
      samples.map((line) => {
        const end = line.lastIndexOf(' ')
        return [line.slice(0, end), Number(line.slice(end + 1))]
      }),
    )
  }

  /** One metric, of all its labels together; throws when there is none of this name. */
  async metric(name: string): Promise<number> {
    const values = [...(await this.metrics())].filter(([sample]) => sample === name || sample.startsWith(`${name}{`))
    if (values.length === 0) throw new Error(`There is no metric ${name}`)
    return values.reduce((sum, [, value]) => sum + value, 0)
  }

  /** Sends a signal and waits for the end. SIGINT goes to all processes of its group, as Ctrl+C does in a terminal. */
  async stop(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL' = 'SIGINT'): Promise<Stopped> {
    const startedMs = performance.now()
    this.#signal(signal)
    const timer = setTimeout(() => this.#signal('SIGKILL'), stopTimeoutMs)
    const code = await this.ended
    clearTimeout(timer)
    return { code, tookMs: performance.now() - startedMs }
  }

  /** Ends it and removes what it kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 })
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    process.kill(signal === 'SIGINT' ? -this.pid : this.pid, signal)
  }

  #whenRunning(lobbyId: string): Promise<LobbyView> {
    const look = async () => v.parse(lobby, (await this.api('GET', `lobbies/${lobbyId}`)).json())
    return eventually(look, ({ status }) => status === 'running', { what: 'a lobby that runs', withinMs: 60_000 })
  }
}

/** Starts a Porchlight on free ports. */
export async function openPorchlight(options: PorchlightOptions = {}): Promise<RunningPorchlight> {
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-e2e-'))
  const data = join(directory, 'data')
  if (options.appsFile !== undefined) {
    await mkdir(data, { mode: 0o700 })
    await writeFile(join(data, 'apps.toml'), options.appsFile)
  }
  const own = ['up', '--port', '0', '--data', data, '--no-qr', '--log-level', 'debug']
  const flags = [...own, ...(options.flags ?? [])]
  const { PATH = '', NODE_COMPILE_CACHE } = process.env
  const [first = process.execPath, ...words] = [...(options.prefix ?? []), process.execPath, main, ...flags]
  const [command, ...args] = dyingWithParent(PATH, [first, ...words])
  const child = spawn(command, args, {
    env: {
      PATH,
      HOME: directory,
      LANG: 'C.UTF-8',
      XDG_RUNTIME_DIR: directory,
      UV_THREADPOOL_SIZE: '8',
      ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }),
      ...options.environment,
    },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const running = new RunningPorchlight(child, directory)
  try {
    await running.ready()
    return running
  } catch (error) {
    await running[Symbol.asyncDispose]()
    throw error
  }
}
