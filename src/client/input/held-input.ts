import type { Clock } from '../../kernel/clock.ts'
import type { InputMessage } from '../../domain/input-event.ts'

/** More than anybody does in that time. */
const capacity = 256
/** What is waited for longer than this is not waited for any more. */
const patienceMs = 3000

/** Input on its way to the host. What comes while something is waited for goes out after it, in order. */
export class HeldInput {
  readonly #send: (message: InputMessage) => void
  readonly #clock: Clock
  readonly #held: InputMessage[] = []
  #waits = 0

  constructor(options: { readonly send: (message: InputMessage) => void; readonly clock: Clock }) {
    this.#send = options.send
    this.#clock = options.clock
  }

  /** Something is waited for. */
  get waits(): boolean {
    return this.#waits > 0
  }

  send(message: InputMessage): void {
    if (message.type === 'release-all') {
      // Everything goes up now; what was to be pressed before is not pressed any more.
      this.#held.length = 0
      this.#send(message)
    } else if (this.#waits === 0) {
      this.#send(message)
    } else {
      this.#held.push(message)
      // Half of it would leave keys down.
      if (this.#held.length > capacity) this.send({ type: 'release-all' })
    }
  }

  /** Keeps what comes from now on until `done` has settled, or has taken too long. */
  hold(done: Promise<unknown>): void {
    this.#waits++
    let hasEnded = false
    const end = () => {
      timer.cancel()
      if (hasEnded) return
      hasEnded = true
      this.#waits--
      if (this.#waits === 0) for (const message of this.#held.splice(0)) this.#send(message)
    }
    const timer = this.#clock.after(patienceMs, end)
    done.then(end, end)
  }
}
