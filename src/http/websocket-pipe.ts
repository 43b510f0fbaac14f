import type { RawData, WebSocket } from 'ws'
import type { Pipe, PipeEnd, PipeListener, PipeMessage } from '../kernel/pipe.ts'
import type { Clock } from '../kernel/clock.ts'

/** A client that does not answer the closing handshake is cut off after this. */
const closeTimeoutMs = 1000
/** RFC 6455, section 5.5: a control frame has 125 bytes, 2 of them for the code. */
const maxReasonBytes = 123
/** RFC 6455, section 7.4.1: the connection ended without a closing handshake. */
const abnormalClosure = 1006

/** A WebSocket as a pipe, which closes for real. Text frames are its texts, binary frames its bytes. One that is paused is read when somebody listens. */
export function websocketPipe(socket: WebSocket, clock: Clock): Pipe {
  return new WebSocketPipe(socket, clock)
}

class WebSocketPipe implements Pipe {
  readonly closed: Promise<PipeEnd>
  readonly #socket: WebSocket
  readonly #clock: Clock
  #isClosing = false

  constructor(socket: WebSocket, clock: Clock) {
    this.#socket = socket
    this.#clock = clock
    const { promise, resolve } = Promise.withResolvers<PipeEnd>()
    this.closed = promise
    socket.on('close', (code) => resolve({ code: code === abnormalClosure ? undefined : code }))
    if (socket.readyState === socket.CLOSED) resolve({ code: undefined })
  }

  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  get buffered(): number {
    return this.#socket.bufferedAmount
  }

  listen(listener: PipeListener): void {
    this.#socket.on('message', (data, isBinary) => listener.message(messageOf(data, isBinary)))
    this.#socket.on('error', (error: Error & { code?: string }) => {
      // What breaks RFC 6455 itself, or is larger than the server takes; the library closes by itself.
      if (error.code?.startsWith('WS_ERR_')) listener.fault(faultCodeOf(error.code), 'The frame cannot be taken')
    })
    this.#socket.resume()
  }

  send(message: PipeMessage): void {
    if (this.open) this.#socket.send(message)
  }

  pause(): void {
    this.#socket.pause()
  }

  close(code: number | undefined, reason: string): void {
    if (code === undefined) return this.#socket.terminate()
    if (this.#isClosing) return
    this.#isClosing = true
    this.#socket.close(code, shortened(reason))
    const timer = this.#clock.after(closeTimeoutMs, () => this.#socket.terminate())
    void this.closed.then(() => timer.cancel())
  }
}

/** The library gives each message as one buffer, unless it is told otherwise. */
function messageOf(data: RawData, isBinary: boolean): PipeMessage {
  const bytes = data as Buffer
  return isBinary ? bytes : bytes.toString()
}

/** As much of it as a closing handshake takes, never half a character. */
function shortened(reason: string): Buffer {
  const bytes = Buffer.alloc(maxReasonBytes)
  return bytes.subarray(0, new TextEncoder().encodeInto(reason, bytes).written)
}

function faultCodeOf(code: string): 'malformed' | 'too-long' {
  return code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'too-long' : 'malformed'
}
