import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LabHost } from '../../test/support/nat-lab.ts'

export interface ViewerStart {
  readonly link: string
  /** Where it keeps its key. */
  readonly directory: string
  readonly name: string
  readonly probesByBirthday?: boolean
}

/** What has come since the report before; times are of {@link monotonicMs}, captures by the host's own clock. */
export interface ViewerReport {
  /** When it set out to the host. */
  readonly beganMs: number
  readonly pictures: readonly { readonly captureMs: number; readonly atMs: number }[]
  readonly path: string | undefined
  /** All paths in words. */
  readonly explanation: string | undefined
  /** How many conversations it has had. */
  readonly conversations: number
  /** Of its connection, as they came. */
  readonly states: readonly string[]
}

const program = fileURLToPath(new URL('watching-viewer-process.ts', import.meta.url))

/** The same clock in all processes of a machine. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** A viewer of the product in a process of its own on a machine of the lab, and all that it has shown. */
export class WatchingViewer implements AsyncDisposable {
  readonly at: LabHost
  readonly pictures: { readonly captureMs: number; readonly atMs: number }[] = []
  readonly states: string[] = []
  /** The paths that it has taken, one after the other. */
  readonly paths: { readonly path: string; readonly atMs: number }[] = []
  conversations = 0
  explanation = ''
  errors = ''
  #beganMs = Number.NaN
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  constructor(at: LabHost, start: ViewerStart) {
    this.at = at
    const [command, ...args] = [...at.prefix, process.execPath, program, JSON.stringify(start)]
    this.#child = spawn(command, args, { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] })
    this.#ended = once(this.#child, 'exit')
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text))
    this.#child.on('message', (report: ViewerReport) => this.#take(report))
  }

  /** `direct`, `relay` or `web port`, with where it leads. */
  get path(): string {
    return this.paths.at(-1)?.path ?? 'none'
  }

  /** From setting out to the first picture; NaN while there was none. */
  get firstPictureMs(): number {
    return (this.pictures[0]?.atMs ?? Number.NaN) - this.#beganMs
  }

  /** The path by which the first picture came. */
  get firstPath(): string {
    return this.paths[0]?.path ?? 'none'
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isOver) this.#child.kill('SIGKILL')
    await this.#ended
  }

  #take({ beganMs, pictures, path, explanation = '', conversations, states }: ViewerReport): void {
    this.#beganMs = beganMs
    this.pictures.push(...pictures)
    this.states.push(...states)
    this.conversations = conversations
    this.explanation = explanation
    if (path !== undefined && path !== this.path) this.paths.push({ path, atMs: monotonicMs() })
  }
}
