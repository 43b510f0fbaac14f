import { BoundedBuffer } from '../kernel/bounded-buffer.ts'

/** Something to be done when what came before is done. */
export interface Turn {
  readonly take: () => void | Promise<void>
  /** It threw, or rejected. */
  readonly failed: (error: unknown) => void
}

/** More than anybody says while a lost session is being fetched. */
const capacity = 256

/** What a client asks for, done in order, one after the other. */
export class Turns {
  readonly #inbox = new BoundedBuffer<Turn>({ mode: 'fifo', capacity, policy: 'error' })

  /** Throws BufferError `buffer-full`, or `buffer-closed` after the end. */
  add(turn: Turn): void {
    this.#inbox.put(turn)
  }

  /** Does what comes, until it is closed. */
  async work(): Promise<void> {
    for await (const { take, failed } of this.#inbox) {
      try {
        await take()
      } catch (error) {
        failed(error)
      }
    }
  }

  /** What still waits is not done any more. */
  close(): void {
    this.#inbox.close()
  }
}
