import type { DataChannel, PeerConnection, Track } from 'node-datachannel'
import type { Clock } from '../../kernel/clock.ts'

/** They report their end within milliseconds; after this it is not waited for any more. */
const partsEndMs = 2000

/**
 * A peer connection of the library with its tracks and channels, kept together until all of them have reported their end.
 * One that is garbage-collected before takes its native half, and whatever that was to report, with it; one whose end
 * nobody listens for keeps the process alive.
 */
export class NativeParts {
  readonly connection: PeerConnection
  readonly #clock: Clock
  readonly #onLost: (found: string) => void
  readonly #parts: (Track | DataChannel)[] = []
  readonly #awaited = new Set<unknown>()
  readonly #allEnded = Promise.withResolvers<void>()
  #ending = false
  #endsByItself = false

  /** `onLost` is called once when the connection ends without `end()`. */
  constructor(connection: PeerConnection, options: { clock: Clock; onLost: (found: string) => void }) {
    this.connection = connection
    this.#clock = options.clock
    this.#onLost = options.onLost
    this.#awaited.add(connection)
    connection.onStateChange((state) => {
      if (state === 'closed') this.#ended(connection)
      if (state === 'closed' || state === 'failed' || state === 'disconnected') this.#lost(`it is ${state}`)
    })
  }

  keep<Part extends Track | DataChannel>(part: Part, name: string): Part {
    this.#parts.push(part)
    this.#awaited.add(part)
    part.onClosed(() => {
      this.#ended(part)
      this.#lost(`its ${name} was closed`)
    })
    return part
  }

  /** Keeps a channel that the other end has opened, and may close. */
  keepGuest(channel: DataChannel): void {
    this.#parts.push(channel)
    this.#awaited.add(channel)
    channel.onClosed(() => this.#ended(channel))
  }

  /**
   * A function for the library to call: an exception that gets out of one would end the process. Not called any more once
   * the end has begun.
   */
  guarded<Arguments extends unknown[]>(
    call: (...values: Arguments) => void,
    failed: (error: unknown) => void,
  ): (...values: Arguments) => void {
    return (...values) => {
      if (this.#ending) return
      try {
        call(...values)
      } catch (error) {
        failed(error)
      }
    }
  }

  /** Ends all of it; resolves when the library has. */
  async end(): Promise<void> {
    this.#ending = true
    const timer = this.#clock.after(partsEndMs, () => this.#allEnded.resolve())
    // Closing a part that is being closed by the library's own threads can lose the report of its end.
    if (!this.#endsByItself) for (const part of this.#parts) part.close()
    this.connection.close()
    await this.#allEnded.promise
    timer.cancel()
    for (const part of this.#parts.splice(0)) part.close()
  }

  #ended(part: unknown): void {
    this.#awaited.delete(part)
    if (this.#awaited.size === 0) this.#allEnded.resolve()
  }

  #lost(found: string): void {
    if (this.#ending || this.#endsByItself) return
    this.#endsByItself = true
    this.#onLost(found)
  }
}
