import type { Socket } from 'node:net'
import type { Answer, Client, Connected, XEvent } from 'x11'
import type { Clock } from '../../../kernel/clock.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import { connectToDisplay } from '../../x11/display-socket.ts'
import { goOnDuringGrabs, openXClient } from '../../x11/x-client.ts'
import { MediaError } from '../../contract/media-error.ts'
import { readAuthority } from './authority-file.ts'

/** How long a display may take to answer, in milliseconds. */
const answerTimeoutMs = 3000

/** A server that a program has grabbed hears no new client before the grab ends, whatever that client would say. */
const takesNobody = 'it takes nobody new: a program has grabbed it, or it hangs'

export interface DisplayLinkOptions {
  /** For instance `:51`; a display of this machine. */
  readonly display: string
  readonly authorityFile: string
  readonly clock: Clock
  readonly onEvent: (event: XEvent) => void
  /** It has ended by itself; called once, and not after `close`. */
  readonly onEnd: (reason: string) => void
}

/** A connection to an X server that times every answer: a display that hangs is as good as gone. */
export class DisplayLink {
  readonly client: Client
  readonly root: number
  readonly #display: string
  readonly #clock: Clock
  readonly #socket: Socket
  readonly #onEnd: (reason: string) => void
  readonly #waiting = new Set<(error: Error) => void>()
  #ended = false

  private constructor(socket: Socket, connected: Connected, options: DisplayLinkOptions) {
    this.client = connected.client
    this.root = connected.screen[0].root
    this.#display = options.display
    this.#clock = options.clock
    this.#socket = socket
    this.#onEnd = options.onEnd
    this.client.on('event', options.onEvent)
    socket.once('close', () => this.#end(`Display ${options.display} has ended`))
  }

  /** Rejects with MediaError `display-failed`. */
  static async open(options: DisplayLinkOptions): Promise<DisplayLink> {
    const number = displayNumber(options.display)
    const { name, data } = await readAuthority(options.authorityFile, number)
    const socket = await connectToDisplay(number).catch((error: unknown) => {
      throw failure(options.display, messageOf(error))
    })
    const timer = options.clock.after(answerTimeoutMs, () => socket.destroy(new Error(takesNobody)))
    try {
      const connected = await openXClient({ display: options.display, socket, auth: { name, data } })
      await goOnDuringGrabs(connected.client)
      return new DisplayLink(socket, connected, options)
    } catch (error) {
      socket.destroy()
      throw failure(options.display, messageOf(error))
    } finally {
      timer.cancel()
    }
  }

  /** Sends a request that is answered. Rejects with MediaError `display-failed`; silence ends the connection as well. */
  async ask<T>(request: (answer: Answer<T>) => void): Promise<T> {
    if (this.#ended) throw failure(this.#display, 'the connection has ended')
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const timer = this.#clock.after(answerTimeoutMs, () => this.#end(`Display ${this.#display} does not answer`))
    this.#waiting.add(reject)
    try {
      request((error, value) => {
        if (error) reject(failure(this.#display, error.message))
        else resolve(value)
        return true
      })
      return await promise
    } finally {
      timer.cancel()
      this.#waiting.delete(reject)
    }
  }

  close(): void {
    this.#shut('the connection was closed')
  }

  #end(reason: string): void {
    if (this.#ended) return
    this.#shut(reason)
    this.#onEnd(reason)
  }

  #shut(reason: string): void {
    this.#ended = true
    this.#socket.destroy()
    for (const reject of this.#waiting) reject(failure(this.#display, reason))
  }
}

/** Throws MediaError `display-failed` for anything but a display of this machine. */
export function displayNumber(display: string): number {
  const match = /^:(\d{1,5})(?:\.0)?$/.exec(display)
  if (!match) throw failure(display, 'it is not a display of this machine')
  return Number(match[1])
}

function failure(display: string, found: string): MediaError {
  return new MediaError('display-failed', `Cannot go on with display ${display}: ${found}`)
}
