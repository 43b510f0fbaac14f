import type { Pipe, PipeEnd, PipeListener, PipeMessage } from '../../src/kernel/pipe.ts'

/**
 * A connection over a network with a delay: what is said comes in order, and late where the network is cut for a while. It is the
 * control plane's end of it.
 */
export class DelayedPipe implements Pipe {
  readonly closed: Promise<PipeEnd>
  readonly #settleClosed: (end: PipeEnd) => void
  #listener: PipeListener | undefined
  onMessage: (text: string) => void = () => {}
  onClosed: () => void = () => {}
  open = true
  /** Of what has not come to the host. */
  buffered = 0
  readonly #delayMs: number
  readonly #toPlane: { atMs: number; text: string | undefined }[] = []
  readonly #toHost: { atMs: number; text: string }[] = []
  #heldUntilMs = 0
  #nowMs = 0

  constructor(delayMs: number) {
    this.#delayMs = delayMs
    const { promise, resolve } = Promise.withResolvers<PipeEnd>()
    this.closed = promise
    this.#settleClosed = resolve
  }

  listen(listener: PipeListener): void {
    this.#listener = listener
  }

  pause(): void {}

  say(text: string | undefined, nowMs: number): void {
    this.#toPlane.push({ atMs: nowMs + this.#delayMs, text })
  }

  send(message: PipeMessage): void {
    const text = String(message)
    this.buffered += text.length
    this.#toHost.push({ atMs: this.#nowMs + this.#delayMs, text })
  }

  /** The host closes it in order, once all that it has said is there. */
  leave(nowMs: number): void {
    this.onMessage = this.onClosed = () => {}
    this.say(undefined, nowMs)
    // Nobody ticks it any more.
    this.deliver(Infinity)
  }

  hold(untilMs: number): void {
    this.#heldUntilMs = untilMs
  }

  cutForEver(): void {
    this.#heldUntilMs = Infinity
  }

  close(code?: number): void {
    if (!this.open) return
    this.open = false
    this.#settleClosed({ code })
    if (this.#heldUntilMs < Infinity) this.onClosed()
  }

  deliver(nowMs: number): void {
    this.#nowMs = nowMs
    if (nowMs < this.#heldUntilMs) return
    for (const { text } of takeDue(this.#toPlane, nowMs)) {
      if (text === undefined) this.close()
      else if (this.open) this.#listener?.message(text)
    }
    for (const { text } of takeDue(this.#toHost, nowMs)) {
      this.buffered -= text.length
      this.onMessage(text)
    }
  }
}

function takeDue<T extends { readonly atMs: number }>(queue: T[], nowMs: number): readonly T[] {
  const first = queue.findIndex(({ atMs }) => atMs > nowMs)
  return queue.splice(0, first < 0 ? queue.length : first)
}
