import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Answer, Client, Connected, FixesSelections, RandR, XEvent, Xkb, XTest } from 'x11'
import { sleep, type Clock } from '../../../kernel/clock.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../../kernel/ending.ts'
import type { Log } from '../../../kernel/log.ts'
import { connectToDisplay } from '../../../media/x11/display-socket.ts'
import { goOnDuringGrabs, openXClient } from '../../../media/x11/x-client.ts'
import { cookieProtocol } from './authority.ts'
import { DisplayError } from '../contract/display-error.ts'

export interface XConnectionOptions {
  readonly displayNumber: number
  readonly cookie: Uint8Array
  readonly log: Log
  readonly clock: Clock
}

/** How long a server may take to let us in, in milliseconds. */
const connectTimeoutMs = 5000

/** Unsent bytes from which on a server counts as not keeping up: far more than one that lives ever leaves. */
const congestedBytes = 256 * 1024

/** How long the server may take to close its end, in milliseconds. */
const goodbyeMs = 200

interface Extensions {
  readonly xtest: XTest
  readonly xkb: Xkb
  readonly randr: RandR
  readonly fixes: FixesSelections
}

/**
 * Our connection to an X server. What it refuses is logged and counted, and never ends anything; only the end of the
 * connection itself does, and shows in `closed`.
 */
export class XConnection implements Closable {
  readonly client: Client
  readonly connected: Connected
  readonly xtest: XTest
  readonly xkb: Xkb
  readonly randr: RandR
  readonly fixes: FixesSelections
  readonly closed
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #ending: Ending
  /** Those who wait for an answer, to be told when none can come any more. */
  readonly #waiting = new Set<(error: Error) => void>()
  #refused = 0

  constructor(socket: Socket, connected: Connected, extensions: Extensions, options: XConnectionOptions) {
    this.#socket = socket
    this.#clock = options.clock
    this.connected = connected
    this.client = connected.client
    this.xtest = extensions.xtest
    this.xkb = extensions.xkb
    this.randr = extensions.randr
    this.fixes = extensions.fixes
    this.#ending = new Ending(() => this.#release())
    this.closed = this.#ending.closed
    this.client.on('error', (error) => {
      this.#refused++
      options.log.debug('The X server refused a request', { error: error.message, refused: this.#refused })
    })
    socket.once('close', () => void this.#ending.fail(lost('it was closed')))
  }

  get root(): number {
    return this.connected.screen[0].root
  }

  /** True when the server does not keep up, so that what can be dropped should be. */
  get congested(): boolean {
    return this.#ending.begun || this.#socket.writableLength > congestedBytes
  }

  /** Sends a request that is answered. Rejects with `request-failed` or `connection-failed`. */
  ask<T>(request: (answer: Answer<T>) => void): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    if (this.#ending.begun) {
      reject(lost('it has ended'))
      return promise
    }
    this.#waiting.add(reject)
    request((error, value) => {
      this.#waiting.delete(reject)
      if (error) reject(new DisplayError('request-failed', `The X server refused a request: ${error.message}`))
      else resolve(value)
      return true
    })
    return promise
  }

  /** Sends requests that are not answered; nothing happens when the connection has ended. */
  tell(requests: () => void): void {
    if (!this.#ending.begun) requests()
  }

  /** Resolves when the server has dealt with everything that was sent so far. */
  async roundTrip(): Promise<void> {
    await this.ask((answer) => this.client.GetInputFocus(answer))
  }

  /** Calls `listener` with every event. */
  onEvent(listener: (event: XEvent) => void): void {
    this.client.on('event', listener)
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #release(): Promise<void> {
    for (const reject of this.#waiting) reject(lost('it has ended'))
    this.#waiting.clear()
    if (this.#socket.destroyed) return
    // What was sent last, the release of keys for instance, still goes out; a server that hangs is not waited for.
    const gone = once(this.#socket, 'close')
    this.client.terminate()
    await Promise.race([gone, sleep(this.#clock, goodbyeMs)])
    this.#socket.destroy()
    await gone
  }
}

/** Connects to a display of this machine. Rejects with {@link DisplayError} `connection-failed`. */
export async function openXConnection(options: XConnectionOptions): Promise<XConnection> {
  const socket = await connectToDisplay(options.displayNumber).catch((error: unknown) => {
    throw cannotConnect(options, error)
  })
  const timer = options.clock.after(connectTimeoutMs, () => socket.destroy(new Error('it did not answer')))
  try {
    const connected = await openXClient({
      display: `:${options.displayNumber}`,
      socket,
      auth: { name: cookieProtocol, data: options.cookie },
    })
    const { client } = connected
    await goOnDuringGrabs(client)
    const [xtest, xkb, randr, fixes] = await Promise.all([
      extension<XTest>((answer) => client.require('xtest', answer)),
      extension<Xkb>((answer) => client.require('xkb', answer)),
      extension<RandR>((answer) => client.require('randr', answer)),
      extension<FixesSelections>((answer) => client.require('fixes', answer)),
    ])
    return new XConnection(socket, connected, { xtest, xkb, randr, fixes }, options)
  } catch (error) {
    socket.destroy()
    throw cannotConnect(options, error)
  } finally {
    timer.cancel()
  }
}

function cannotConnect({ displayNumber }: XConnectionOptions, cause: unknown): DisplayError {
  return new DisplayError('connection-failed', `Cannot connect to display :${displayNumber}: ${messageOf(cause)}`, {
    cause,
  })
}

function extension<T>(require: (answer: Answer<T>) => void): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  require((error, value) => {
    if (error) reject(error)
    else resolve(value)
    return true
  })
  return promise
}

function lost(how: string): DisplayError {
  return new DisplayError('connection-failed', `The connection to the X server cannot be used: ${how}`)
}
