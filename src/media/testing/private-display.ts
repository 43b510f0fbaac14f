import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { dyingWithParent } from '../../os/child/dying-with-parent.ts'

const run = promisify(execFile)

/** An Xvnc of the test's own, behind a cookie of its own. */
export class PrivateDisplay implements AsyncDisposable {
  readonly name: string
  readonly authorityFile: string
  readonly #directory: string
  readonly #server: ChildProcess

  private constructor(name: string, authorityFile: string, directory: string, server: ChildProcess) {
    this.name = name
    this.authorityFile = authorityFile
    this.#directory = directory
    this.#server = server
  }

  static async open(width: number, height: number): Promise<PrivateDisplay> {
    const directory = await mkdtemp(join(tmpdir(), 'porchlight-media-'))
    const authorityFile = join(directory, 'authority')
    await writeFile(authorityFile, wildAuthority(randomBytes(16)), { mode: 0o600 })
    const [command, ...options] = dyingWithParent(process.env['PATH'], [
      'Xvnc',
      '-displayfd',
      '3',
      '-rfbport',
      '-1',
      '-auth',
      authorityFile,
      '-geometry',
      `${width}x${height}`,
      '-depth',
      '24',
      '-nolisten',
      'tcp',
      '-noreset',
      '-SecurityTypes',
      'None',
    ])
    const server = spawn(command, options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
    const [number] = (await once(server.stdio[3] as NodeJS.ReadableStream, 'data')) as [Buffer]
    return new PrivateDisplay(`:${String(number).trim()}`, authorityFile, directory, server)
  }

  get environment(): Record<string, string | undefined> {
    return { ...process.env, DISPLAY: this.name, XAUTHORITY: this.authorityFile }
  }

  /** Runs an X client to its end. */
  async client(command: string, ...args: string[]): Promise<string> {
    const { stdout } = await run(command, args, { env: this.environment })
    return stdout
  }

  async resize(width: number, height: number): Promise<void> {
    const mode = `${width}x${height}-test`
    const numbers = ['0', `${width}`, '0', '0', `${width}`, `${height}`, '0', '0', `${height}`]
    await this.client('xrandr', '--newmode', mode, ...numbers)
    await this.client('xrandr', '--addmode', 'VNC-0', mode)
    await this.client('xrandr', '--output', 'VNC-0', '--mode', mode)
  }

  kill(signal: NodeJS.Signals): void {
    this.#server.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.exitCode === null && this.#server.signalCode === null) {
      const gone = once(this.#server, 'exit')
      this.#server.kill('SIGKILL')
      await gone
    }
    await rm(this.#directory, { recursive: true, force: true })
  }
}

/** An authority file with one cookie, good for any display (FamilyWild, no number). */
function wildAuthority(cookie: Uint8Array): Buffer {
  const field = (bytes: Uint8Array) => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
  const empty = field(new Uint8Array())
  return Buffer.concat([
    Buffer.from([0xff, 0xff]),
    empty,
    empty,
    field(Buffer.from('MIT-MAGIC-COOKIE-1')),
    field(cookie),
  ])
}
