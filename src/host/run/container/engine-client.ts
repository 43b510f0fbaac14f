import { request, type IncomingMessage } from 'node:http'
import { messageOf } from '../../../kernel/coded-error.ts'
import { RunError } from '../contract/run-error.ts'

/** Longest answer that is read at once; lists of containers are the longest of those that are asked for. */
const maxAnswerBytes = 8 * 1024 * 1024
const timeoutMs = 30_000

export interface EngineRequest {
  readonly body?: unknown
  /** Statuses that are answers and not errors, beside those below 400. */
  readonly accept?: readonly number[]
  /** Gives the request up. */
  readonly signal?: AbortSignal | undefined
}

export interface EngineAnswer {
  readonly status: number
  /** Undefined when it was empty. */
  readonly json: unknown
}

/**
 * A container engine on its Unix socket, as the Docker Engine API has it, which Podman speaks as well. Rejects with
 * RunError: `engine-unreachable`, and `engine-refused` with what the engine says.
 */
export class EngineClient {
  readonly socketPath: string

  constructor(socketPath: string) {
    this.socketPath = socketPath
  }

  /** A request that is answered at once. */
  async ask(method: string, path: string, options: EngineRequest = {}): Promise<EngineAnswer> {
    const signals = [AbortSignal.timeout(timeoutMs), ...(options.signal ? [options.signal] : [])]
    const answer = await this.#send(method, path, { ...options, signal: AbortSignal.any(signals) })
    return { status: answer.statusCode ?? 0, json: await this.#read(answer) }
  }

  /** A request whose answer goes on: rejects like {@link ask} when it is refused. */
  async follow(method: string, path: string, options: EngineRequest = {}): Promise<IncomingMessage> {
    return this.#send(method, path, options)
  }

  async #send(method: string, path: string, options: EngineRequest): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const body = options.body === undefined ? undefined : JSON.stringify(options.body)
    const { socketPath } = this
    const headers = {
      Host: 'engine',
      ...(body !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
    }
    const { signal } = options
    const sent = request({ socketPath, method, path, headers, agent: false, ...(signal && { signal }) }, resolve)
    sent.once('error', (error) => reject(this.#unreachable(error)))
    sent.end(body)
    const answer = await promise
    const { statusCode: status = 0 } = answer
    if (status < 400 || options.accept?.includes(status)) return answer
    const told = await this.#read(answer)
    const message = hasMessage(told) ? told.message : `HTTP ${status}`
    throw new RunError('engine-refused', `The container engine refused: ${message}`)
  }

  async #read(answer: IncomingMessage): Promise<unknown> {
    const parts: Buffer[] = []
    let length = 0
    try {
      for await (const part of answer) {
        parts.push(part as Buffer)
        length += (part as Buffer).length
        if (length > maxAnswerBytes) throw new Error('its answer is too long')
      }
      const text = Buffer.concat(parts).toString()
      return text.trim() === '' ? undefined : JSON.parse(text)
    } catch (error) {
      throw this.#unreachable(error)
    }
  }

  #unreachable(error: unknown): RunError {
    const message = `Cannot talk to the container engine at ${this.socketPath}: ${messageOf(error)}. ${howToStart}`
    return new RunError('engine-unreachable', message, { cause: error })
  }
}

const howToStart =
  'Start it (systemctl start docker, or systemctl --user start podman.socket), or name its socket with --container-engine'

function hasMessage(told: unknown): told is { message: string } {
  return typeof told === 'object' && told !== null && 'message' in told && typeof told.message === 'string'
}
