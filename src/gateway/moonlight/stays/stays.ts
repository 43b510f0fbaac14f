import type { Clock, Timer } from '../../../kernel/clock.ts'
import type { MoonlightStream, StreamEnd } from '../stream/moonlight-stream.ts'

/** What one client has here now. */
export interface Stay {
  readonly stream: MoonlightStream
  /** The launch that it was promised by. */
  readonly launchId: string
}

/** A seat, and the lobby that a client was in, wait for it so long. */
const comesBackWithinMs = 60_000

/** The streams of clients, one for each certificate, and where those were whose stream has ended a moment ago. */
export class Stays {
  readonly #clock: Clock
  readonly #stays = new Map<string, Stay>()
  readonly #left = new Map<string, { readonly lobbyId: string; readonly timer: Timer }>()
  #isClosed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get open(): readonly MoonlightStream[] {
    return [...this.#stays.values()].map(({ stream }) => stream).filter(({ isOpen }) => isOpen)
  }

  get(fingerprint: string): Stay | undefined {
    return this.#stays.get(fingerprint)
  }

  /** The lobby that a client is in, or was in a moment ago. */
  lobbyOf(fingerprint: string): string | undefined {
    const stay = this.#stays.get(fingerprint)
    return stay === undefined ? this.#left.get(fingerprint)?.lobbyId : stay.stream.lobbyId
  }

  /** It takes the place of the one that the client has. */
  add(fingerprint: string, stay: Stay): void {
    this.#forget(fingerprint)
    void this.#stays.get(fingerprint)?.stream.close('disconnected')
    this.#stays.set(fingerprint, stay)
    void stay.stream.closed.then(() => {
      if (this.#stays.get(fingerprint) !== stay) return
      this.#stays.delete(fingerprint)
      this.#remember(fingerprint, stay)
    })
  }

  /** Ends what the client has; after `left` it comes back to nothing. */
  async end(fingerprint: string, how: StreamEnd): Promise<void> {
    await this.#stays.get(fingerprint)?.stream.close(how)
    if (how === 'left') this.#forget(fingerprint)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#stays.values()].map(({ stream }) => stream.close('host-closing')))
    for (const fingerprint of this.#left.keys()) this.#forget(fingerprint)
  }

  #remember(fingerprint: string, { stream: { lobbyId } }: Stay): void {
    if (lobbyId === undefined || this.#isClosed) return
    const timer = this.#clock.after(comesBackWithinMs, () => this.#left.delete(fingerprint))
    this.#left.set(fingerprint, { lobbyId, timer })
  }

  #forget(fingerprint: string): void {
    this.#left.get(fingerprint)?.timer.cancel()
    this.#left.delete(fingerprint)
  }
}
