import type { Clock, Timer } from '../../kernel/clock.ts'
import type { SignalSocket } from './signal-socket.ts'

/** What of a {@link SignalSocket} is asked. */
export type DoubtedSocket = Pick<SignalSocket, 'probe' | 'unansweredMs' | 'roundTripMs'>

export interface DoubtOptions<Socket extends DoubtedSocket> {
  readonly clock: Clock
  /** Media comes as usual. */
  readonly isFlowing: () => boolean
  /** It stands; `interrupted` when the network was away meanwhile. */
  readonly onAnswer: (socket: Socket, interrupted: boolean) => void
  /** The host is there, and does not answer by it. */
  readonly onDead: (socket: Socket) => void
}

/** The host answers a stranger: a connection that has had no answer for so long, or a few of its round trips, is dead. */
const answerLimitMs = 150
/** There is no hurry while media comes: it may be a packet that was lost, and media would be lost with the connection. */
const unhurriedLimitMs = 2000
/** An answer that took longer was held up by a network that was away. */
export const interruptionMs = 500

/**
 * Finds out whether a connection that may stand no more still does. It is asked, and the host beside it: whichever answers
 * first says whether the network was away, or the connection is dead, whatever TCP still hopes for.
 */
export class Doubt<Socket extends DoubtedSocket> {
  readonly #options: DoubtOptions<Socket>
  #asked: Socket | undefined
  #verdict: Timer | undefined

  constructor(options: DoubtOptions<Socket>) {
    this.#options = options
  }

  /** Asks it, unless it is being asked. */
  async ask(socket: Socket): Promise<void> {
    if (this.#asked === socket) return
    this.#asked = socket
    const tookMs = await socket.probe()
    if (this.#asked === socket) this.#asked = undefined
    if (tookMs !== undefined) this.#options.onAnswer(socket, tookMs >= interruptionMs)
  }

  /** The host has answered a stranger: now, or when it has had its time, the connection is dead unless it answers. */
  judge(socket: Socket): void {
    const { clock, isFlowing, onDead } = this.#options
    const { unansweredMs, roundTripMs = 0 } = socket
    this.#verdict?.cancel()
    if (unansweredMs === undefined) return
    const limitMs = isFlowing() ? unhurriedLimitMs : answerLimitMs
    const restMs = Math.max(limitMs, 3 * roundTripMs) - unansweredMs
    if (restMs > 0) this.#verdict = clock.after(restMs, () => this.judge(socket))
    else onDead(socket)
  }

  close(): void {
    this.#verdict?.cancel()
  }
}
