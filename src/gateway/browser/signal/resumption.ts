import type { Host } from '../../../host/host.ts'
import type { Member } from '../../../host/member.ts'
import type { StreamSession } from '../../../host/stream-session.ts'
import type { ClientMessage, ServerMessage } from '../../../wire/signal/messages.ts'
import type { EndCause } from './end-cause.ts'
import type { RedeemedTicket, ResumeTickets, TokenHash } from './resume-tickets.ts'
import { isContinued, stayOf, type Stay } from './stay.ts'

/** The conversation that a session comes back to. */
export interface ResumptionOptions {
  readonly host: Host
  readonly member: Member
  readonly tickets: ResumeTickets
  /** What the conversation is about now. */
  readonly session: () => StreamSession
  /** What it was about is to end, and the conversation is not to end with it. */
  readonly letGo: () => void
  /** From now on it is about this session. */
  readonly use: (session: StreamSession) => void
  readonly isEnded: () => boolean
  readonly end: (cause: EndCause) => Promise<void>
  /** Tells the client what could not be done. */
  readonly refuse: (error: unknown) => void
}

/** How a session that was lost comes back to its client, and how this conversation's can be found again. */
export class Resumption {
  readonly #options: ResumptionOptions
  /** Used up for the token that was told last, and good until that one is known to have arrived. */
  #former: TokenHash | undefined

  constructor(options: ResumptionOptions) {
    this.#options = options
  }

  /** The secret with which the present session can be asked for after a loss. */
  issueToken(): string {
    const { tickets, member } = this.#options
    const session = this.#options.session()
    const surrender = async () => {
      const stay = stayOf(session)
      // Whoever comes back seldom left the way behind them in order: nobody waits for the goodbye.
      void this.#options.end({ kind: 'surrendered' })
      await session.closed
      return stay
    }
    return tickets.issue({ id: session.id, memberId: member.id, former: this.#former, surrender })
  }

  /** The client said something that it says only after it has been greeted. */
  confirmToken(): void {
    if (!this.#former) return
    this.#former = undefined
    this.#options.tickets.confirm(this.#options.session().id)
  }

  /**
   * Puts the session that is asked for in the place of the fresh one, where the ticket is good. Undefined when this
   * connection was lost on the way, and the ticket is as good as before.
   */
  async resume(
    asked: Extract<ClientMessage, { type: 'reconnect' }>,
  ): Promise<Extract<ServerMessage, { type: 'reconnect-ack' }> | undefined> {
    const { member, tickets, session } = this.#options
    const { sessionId, resumeToken: token = '' } = asked
    const redeemed = tickets.redeem({ sessionId, token, memberId: member.id })
    const historyRecovered = redeemed ? await this.#fetch(sessionId, redeemed) : false
    if (historyRecovered === undefined) return undefined
    this.#former = redeemed?.tokenHash
    const success = redeemed !== undefined
    const resumeToken = this.issueToken()
    return { type: 'reconnect-ack', success, sessionId: session().id, historyRecovered, resumeToken }
  }

  /** True when the session is where it was, with what it had; undefined when this connection was lost on the way. */
  async #fetch(sessionId: string, { ticket, putBack }: RedeemedTicket): Promise<boolean | undefined> {
    const { host, tickets, isEnded, letGo, use, refuse, end } = this.#options
    const stay = ticket.kind === 'lost' ? ticket.stay : await ticket.surrender()
    try {
      const fresh = this.#options.session()
      // As they are now: their role may have changed since they came.
      const { member: now } = fresh
      letGo()
      tickets.drop(fresh.id)
      await fresh.close('left')
      if (!isEnded()) {
        use(host.createSession(now, { id: sessionId }))
        const isThere = await this.#rejoin(stay)
        if (!isEnded()) return isThere
      }
    } catch (error) {
      refuse(error)
      void end({ kind: 'lost' })
    }
    putBack(stay)
    return undefined
  }

  async #rejoin(stay: Stay): Promise<boolean> {
    const session = this.#options.session()
    try {
      if (stay.lobbyId !== undefined) await session.join(stay.lobbyId)
      return isContinued(stay, session)
    } catch (error) {
      this.#options.refuse(error)
      return false
    }
  }
}
