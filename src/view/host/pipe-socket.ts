import type { Pipe } from '../../kernel/pipe.ts'
import { signalCloseCode } from '../../wire/signal/messages.ts'
import { isFinal } from '../contract/view-error.ts'

const states = { connecting: 0, open: 1, closing: 2, closed: 3 } as const
/** RFC 6455, section 7.4.1: the connection ended without a closing handshake. */
const abnormalClosure = 1006

/** What a client takes for a WebSocket: a pipe that has still to be opened. */
export class PipeSocket extends EventTarget {
  binaryType: BinaryType = 'arraybuffer'
  #pipe: Pipe | undefined
  #state: (typeof states)[keyof typeof states] = states.connecting
  #closeCode: number | undefined

  constructor(open: () => Promise<Pipe>) {
    super()
    open().then(
      (pipe) => this.#opened(pipe),
      (error: unknown) => this.#gone(closeCodeFor(error), error instanceof Error ? error.message : String(error)),
    )
  }

  get readyState(): (typeof states)[keyof typeof states] {
    return this.#state
  }

  get bufferedAmount(): number {
    return this.#pipe?.buffered ?? 0
  }

  send(data: string | ArrayBufferLike | ArrayBufferView | Blob): void {
    if (this.#state !== states.open || data instanceof Blob) return
    if (typeof data === 'string') this.#pipe?.send(data)
    else if (ArrayBuffer.isView(data)) {
      this.#pipe?.send(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    } else this.#pipe?.send(new Uint8Array(data))
  }

  close(code = 1000): void {
    if (this.#state === states.closing || this.#state === states.closed) return
    this.#state = states.closing
    this.#closeCode = code
    this.#pipe?.close(code, '')
  }

  #opened(pipe: Pipe): void {
    this.#pipe = pipe
    void pipe.closed.then(({ code }) => this.#gone(this.#closeCode ?? code ?? abnormalClosure, ''))
    if (this.#closeCode !== undefined) return pipe.close(this.#closeCode, '')
    this.#state = states.open
    this.dispatchEvent(new Event('open'))
    pipe.listen({
      message: (message) => {
        if (this.#state !== states.open) return
        const data = typeof message === 'string' ? message : message.slice().buffer
        this.dispatchEvent(new MessageEvent('message', { data }))
      },
      fault: (_code, reason) => this.#gone(signalCloseCode.protocolViolation, reason),
    })
  }

  #gone(code: number, reason: string): void {
    if (this.#state === states.closed) return
    this.#state = states.closed
    this.dispatchEvent(new CloseEvent('close', { code, reason }))
  }
}

/** Whoever is let in no more need not come again. */
export function closeCodeFor(error: unknown): number {
  return isFinal(error) && error.code !== 'closed' ? signalCloseCode.revoked : abnormalClosure
}
