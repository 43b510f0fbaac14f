import type { Pipe, PipeEnd, PipeListener, PipeMessage } from './pipe.ts'

/** Whoever sends on into a pipe of which nobody reads so much loses it. */
const capacityBytes = 16 * 1024 * 1024

type Waiting = { readonly message: PipeMessage; readonly bytes: number } | { readonly end: PipeEnd }

/**
 * A pipe whose two ends are in one process. A message is handed over at once, before `send` returns, unless the other end is in the
 * middle of another one or does not read: then it waits for its turn.
 */
export function openMemoryPipe(): readonly [Pipe, Pipe] {
  const [one, other] = [new MemoryPipe(), new MemoryPipe()]
  one.lead(other)
  other.lead(one)
  return [one, other]
}

class MemoryPipe implements Pipe {
  readonly closed: Promise<PipeEnd>
  readonly #settleClosed: (end: PipeEnd) => void
  /** Of what has come and was not heard yet. */
  unreadBytes = 0
  readonly #waiting: Waiting[] = []
  #other: MemoryPipe | undefined
  #listener: PipeListener | undefined
  #isOpen = true
  #isPaused = false
  #isHandingOver = false

  constructor() {
    const { promise, resolve } = Promise.withResolvers<PipeEnd>()
    this.closed = promise
    this.#settleClosed = resolve
  }

  lead(other: MemoryPipe): void {
    this.#other = other
  }

  get open(): boolean {
    return this.#isOpen
  }

  get buffered(): number {
    return this.#other?.unreadBytes ?? 0
  }

  listen(listener: PipeListener): void {
    this.#listener = listener
    this.#handOver()
  }

  send(message: PipeMessage): void {
    if (!this.#isOpen) return
    const bytes = typeof message === 'string' ? new TextEncoder().encode(message).length : message.length
    if (this.buffered + bytes > capacityBytes) return this.close(undefined, 'Nobody reads')
    this.#other?.take({ message, bytes })
  }

  pause(): void {
    this.#isPaused = true
  }

  close(code: number | undefined, _reason: string): void {
    if (code === undefined) {
      this.#other?.end({ code })
      this.end({ code })
    } else if (this.#isOpen) {
      this.#other?.take({ end: { code } })
      this.end({ code })
    }
  }

  take(what: Waiting): void {
    if (!this.#isOpen) return
    this.#waiting.push(what)
    if ('bytes' in what) this.unreadBytes += what.bytes
    this.#handOver()
  }

  #handOver(): void {
    if (this.#isHandingOver || !this.#listener) return
    this.#isHandingOver = true
    try {
      while (this.#isOpen && !this.#isPaused) {
        const next = this.#waiting.shift()
        if (!next) break
        if ('end' in next) {
          this.end(next.end)
        } else {
          this.unreadBytes -= next.bytes
          this.#listener.message(next.message)
        }
      }
    } finally {
      this.#isHandingOver = false
    }
  }

  end(end: PipeEnd): void {
    this.#isOpen = false
    this.#waiting.length = 0
    this.unreadBytes = 0
    this.#settleClosed(end)
  }
}
