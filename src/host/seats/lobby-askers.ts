import type { Asker } from '../../domain/seat.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { Writable, type Readable } from '../../kernel/readable.ts'
import { HostError } from '../contract/host-error.ts'
import { keptForMs } from './lobby-seats.ts'

/** Who was told "not now" can ask again after so long. */
export const askAgainAfterMs = 30_000

interface Asking {
  readonly asker: Asker
  /** The session that asks; another one of the member's takes its place. */
  sessionId: string
  /** Runs while the session is lost. */
  timer: Timer | undefined
}

/** Those in one lobby who ask to play, each member once. What becomes of them is the owner's to say, by their role. */
export class LobbyAskers {
  readonly #clock: Clock
  readonly #onChange: () => void
  /** By member, oldest first. */
  readonly #asking = new Map<string, Asking>()
  /** When members who were declined can ask again, on the clock. */
  readonly #declined = new Map<string, number>()
  readonly #view = new Writable<readonly Asker[]>([])

  constructor(options: { readonly clock: Clock; readonly onChange: () => void }) {
    this.#clock = options.clock
    this.#onChange = options.onChange
  }

  /** Oldest first. */
  get view(): Readable<readonly Asker[]> {
    return this.#view
  }

  /** Throws HostError `declined-lately`. */
  ask(asker: Asker, sessionId: string): void {
    this.#forgetDeclined()
    const { memberId } = asker
    if (this.#declined.has(memberId)) {
      throw new HostError('declined-lately', 'Cannot ask to play again yet: the owner has just said "not now"')
    }
    if (this.#asking.has(memberId)) return this.enter(memberId, sessionId)
    this.#asking.set(memberId, { asker, sessionId, timer: undefined })
    this.#tell()
  }

  /** A session of the member's is there: what it was lost with it asks for again. */
  enter(memberId: string, sessionId: string): void {
    const asking = this.#asking.get(memberId)
    if (!asking) return
    asking.timer?.cancel()
    asking.timer = undefined
    asking.sessionId = sessionId
  }

  /** `lost`: the session may come back, and its wish is kept for as long as its seats would be. */
  leave(sessionId: string, how: { readonly lost: boolean }): void {
    for (const [memberId, asking] of this.#asking) {
      if (asking.sessionId !== sessionId) continue
      if (!how.lost) return this.withdraw(memberId)
      asking.timer ??= this.#clock.after(keptForMs, () => this.withdraw(memberId))
    }
  }

  /** The member does not want to play any more, or may. */
  withdraw(memberId: string): void {
    const asking = this.#asking.get(memberId)
    if (!asking) return
    asking.timer?.cancel()
    this.#asking.delete(memberId)
    this.#tell()
  }

  /** The owner says "not now". Throws HostError `not-asking`. */
  decline(memberId: string): void {
    if (!this.#asking.has(memberId)) {
      throw new HostError('not-asking', 'Cannot decline: this member does not ask to play, or has gone')
    }
    this.#forgetDeclined()
    this.#declined.set(memberId, this.#clock.nowMs() + askAgainAfterMs)
    this.withdraw(memberId)
  }

  close(): void {
    for (const { timer } of this.#asking.values()) timer?.cancel()
  }

  #forgetDeclined(): void {
    const nowMs = this.#clock.nowMs()
    for (const [memberId, untilMs] of this.#declined) if (untilMs <= nowMs) this.#declined.delete(memberId)
  }

  #tell(): void {
    this.#view.set([...this.#asking.values()].map(({ asker }) => asker))
    this.#onChange()
  }
}
