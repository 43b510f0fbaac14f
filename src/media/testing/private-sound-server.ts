import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { layoutFacts, type SoundLayout } from '../../domain/sound-layout.ts'
import { dyingWithParent } from '../../os/child/dying-with-parent.ts'

const sink = 'app'

/** A PulseAudio of the test's own with one null sink. */
export class PrivateSoundServer implements AsyncDisposable {
  readonly server: string
  readonly cookieFile: string
  readonly source = `${sink}.monitor`
  readonly layout: SoundLayout
  readonly #directory: string
  #process: ChildProcess | undefined

  private constructor(directory: string, layout: SoundLayout) {
    this.layout = layout
    this.#directory = directory
    this.server = `unix:${join(directory, 'native')}`
    this.cookieFile = join(directory, 'cookie')
  }

  /** `layout`: of its sink. */
  static async open(layout: SoundLayout = 'stereo'): Promise<PrivateSoundServer> {
    const server = new PrivateSoundServer(await mkdtemp(join(tmpdir(), 'porchlight-media-')), layout)
    await writeFile(server.cookieFile, randomBytes(256), { mode: 0o600 })
    await server.start()
    return server
  }

  async start(): Promise<void> {
    const socket = join(this.#directory, 'native')
    await rm(socket, { force: true })
    const [command, ...options] = dyingWithParent(process.env['PATH'], [
      'pulseaudio',
      '-n',
      '--daemonize=no',
      '--exit-idle-time=-1',
      '--use-pid-file=no',
      '--disable-shm=yes',
      `--load=module-native-protocol-unix socket=${socket} auth-cookie=${this.cookieFile}`,
      `--load=module-null-sink sink_name=${sink} rate=48000 ${this.#channels.join(' ')}`,
    ])
    this.#process = spawn(command, options, { env: this.#environment, stdio: 'ignore' })
    while ((await this.#finish(this.#client('pactl', 'info'))) !== 0) await delay(20)
  }

  /** Plays 48 kHz of 16 bits, in the layout of the sink, that is written to its standard input. */
  play(): ChildProcess {
    const channels = this.#channels.map((one) => `--${one.replace('_', '-')}`)
    const format = ['--format=s16le', '--rate=48000', ...channels, '--latency-msec=10', '--raw']
    return this.#client('pacat', '--playback', `--device=${sink}`, ...format)
  }

  /** Records 48 kHz mono in floating point from the sink's monitor, to its standard output. */
  record(): ChildProcess {
    const format = ['--format=float32le', '--rate=48000', '--channels=1', '--latency-msec=10', '--raw']
    return this.#client('parec', `--device=${this.source}`, ...format)
  }

  /** Loads a module; resolves with what unloads it. */
  async load(module: string, moduleArguments: string): Promise<() => Promise<void>> {
    const index = (await this.#ask('load-module', module, moduleArguments)).trim()
    return async () => void (await this.#ask('unload-module', index))
  }

  /** How many play on it now. */
  async players(): Promise<number> {
    const said = await this.#ask('list', 'short', 'sink-inputs')
    return said.split('\n').filter((line) => line !== '').length
  }

  async kill(): Promise<void> {
    const process = this.#process
    if (!process || process.exitCode !== null || process.signalCode !== null) return
    const gone = once(process, 'exit')
    process.kill('SIGKILL')
    await gone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await rm(this.#directory, { recursive: true, force: true })
  }

  /** As arguments. */
  get #channels(): readonly string[] {
    const { speakers } = layoutFacts[this.layout]
    return [`channels=${speakers.length}`, `channel_map=${speakers.join()}`]
  }

  get #environment(): Record<string, string | undefined> {
    const { server, cookieFile } = this
    return {
      ...process.env,
      HOME: this.#directory,
      XDG_RUNTIME_DIR: this.#directory,
      PULSE_SERVER: server,
      PULSE_COOKIE: cookieFile,
    }
  }

  async #ask(...words: string[]): Promise<string> {
    const child = this.#client('pactl', ...words)
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text))
    await once(child, 'close')
    return said
  }

  #client(command: string, ...args: string[]): ChildProcess {
    return spawn(command, args, { env: this.#environment, stdio: ['pipe', 'pipe', 'ignore'] })
  }

  async #finish(child: ChildProcess): Promise<unknown> {
    const [status] = await once(child, 'exit')
    return status
  }
}
