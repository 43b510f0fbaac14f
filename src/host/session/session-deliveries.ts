import type { Clock } from '../../kernel/clock.ts'
import { until } from '../../kernel/readable.ts'
import type { DeliverySender } from '../deliveries/delivery-desk.ts'
import type { Display } from '../display/contract/display.ts'
import { HostError } from '../contract/host-error.ts'
import type { HostedLobby } from '../lobby/hosted-lobby.ts'
import type { Member } from '../../domain/member.ts'
import type { SeatId, SeatWish } from '../../domain/seat.ts'

export interface SessionDeliveriesOptions {
  readonly sessionId: string
  readonly clock: Clock
  readonly member: () => Member
  /** The lobby that the session has joined. */
  readonly lobby: () => HostedLobby | undefined
  /** Throws HostError `input-forbidden` for who may not play. */
  readonly refuseUnlessPlaying: () => void
  readonly changeSeat: (seat: SeatId, wish: SeatWish) => void
  readonly askToPlay: (asks: boolean) => void
  readonly written: (lobby: HostedLobby) => Promise<void>
  /** Aborted with a HostError when the session ends. */
  readonly signal: AbortSignal
}

/** An app that is just being started, or started again, is waited for so long. */
const appLimitMs = 10_000

/** What a session can have done by the delivery desk. */
export class SessionDeliveries implements DeliverySender {
  readonly #options: SessionDeliveriesOptions

  constructor(options: SessionDeliveriesOptions) {
    this.#options = options
  }

  get member(): Member {
    return this.#options.member()
  }

  lobby(lobbyId: string | undefined): HostedLobby {
    this.#options.signal.throwIfAborted()
    const lobby = this.#options.lobby()
    if (!lobby) throw new HostError('not-in-lobby', 'Cannot do this outside of a lobby')
    if (lobbyId !== undefined && lobbyId !== lobby.id) {
      throw new HostError('not-in-lobby', 'Cannot do this in a lobby that the session is not in (any more)')
    }
    return lobby
  }

  async keyboard(lobbyId: string | undefined): Promise<Display> {
    const { sessionId, refuseUnlessPlaying } = this.#options
    this.lobby(lobbyId)
    refuseUnlessPlaying()
    const display = await this.#displayOf(this.lobby(lobbyId))
    // Both may have changed meanwhile.
    refuseUnlessPlaying()
    const lobby = this.lobby(lobbyId)
    if (!lobby.leases.use(sessionId, { seat: 'keyboard-mouse', claim: 'deed' })) {
      throw new HostError('seat-not-held', 'Cannot type: somebody else has keyboard and mouse')
    }
    return display
  }

  changeSeat(seat: SeatId, wish: SeatWish): void {
    this.#options.changeSeat(seat, wish)
  }

  askToPlay(asks: boolean): void {
    this.#options.askToPlay(asks)
  }

  written(lobby: HostedLobby): Promise<void> {
    return this.#options.written(lobby)
  }

  async #displayOf({ state, settings }: HostedLobby): Promise<Display> {
    const { clock, signal } = this.#options
    const limit = new AbortController()
    const tooLate = new HostError('app-not-running', `Cannot type: "${settings.value.title}" does not run`)
    const timer = clock.after(appLimitMs, () => limit.abort(tooLate))
    try {
      const now = await until(state, ({ status }) => status === 'running' || status === 'ended', anyOf(signal, limit))
      if (now.status !== 'running') throw tooLate
      if (!now.stage.display)
        throw new HostError('seat-not-found', `Cannot type: "${settings.value.title}" has no keyboard`)
      return now.stage.display
    } finally {
      timer.cancel()
    }
  }
}

function anyOf(signal: AbortSignal, limit: AbortController): AbortSignal {
  return AbortSignal.any([signal, limit.signal])
}
