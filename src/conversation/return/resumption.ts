import type { Host } from '../../host/contract/host.ts'
import type { Member } from '../../domain/member.ts'
import type { ClientMessage, ServerMessage } from '../../wire/signal/messages.ts'
import type { FollowedSession } from '../lanes/followed-session.ts'
import { claim, hashOf, type RedeemedTicket, type ResumeTickets, type TokenHash } from './resume-tickets.ts'
import { bringBack, whereaboutsOf } from './whereabouts.ts'

type ReconnectAck = Extract<ServerMessage, { type: 'reconnect-ack' }>

/** The conversation that a session comes back to. */
export interface ResumptionOptions {
  readonly host: Host
  readonly member: Member
  readonly tickets: ResumeTickets
  /** The client knows the messages of seed 003 and no others. */
  readonly isPlain: boolean
  readonly session: FollowedSession
  readonly isEnded: () => boolean
  /** The session goes on elsewhere, or nobody is here any more. */
  readonly end: (why: 'surrendered' | 'lost') => Promise<void>
  /** Tells the client what could not be done. */
  readonly refuse: (error: unknown) => void
}

/** How a session that was lost comes back to its client, and how this conversation's can be found again. */
export class Resumption {
  readonly #options: ResumptionOptions
  /** Used up for the token that was told last, and good until that one is known to have arrived. */
  #former: TokenHash | undefined
  /** Told first on this connection. */
  #first: TokenHash | undefined
  #current = ''

  constructor(options: ResumptionOptions) {
    this.#options = options
  }

  /** How the session is told at the beginning. */
  introduce(): { readonly id: string; readonly resumeToken?: string } {
    const resumeToken = this.#issueToken()
    return this.#options.isPlain ? { id: resumeToken } : { id: this.#options.session.now.id, resumeToken }
  }

  /**
   * Answers a client that asks for its session only when it has another one, and by its id: it is told to be the one that it
   * has.
   */
  answerLate({ sessionId }: Extract<ClientMessage, { type: 'reconnect' }>): ReconnectAck {
    const isOwn = this.#options.tickets.standsFor(this.#options.session.now.id, sessionId)
    return {
      type: 'reconnect-ack',
      success: isOwn,
      historyRecovered: isOwn,
      sessionId: isOwn ? sessionId : this.#current,
    }
  }

  /** The client said something that it says only after it has been greeted. */
  confirmToken(): void {
    if (!this.#former) return
    this.#former = undefined
    this.#options.tickets.confirm(this.#options.session.now.id)
  }

  /**
   * Puts the session that is asked for in the place of the fresh one, where the ticket is good. Undefined when this
   * connection was lost on the way, and the ticket is as good as before.
   */
  async resume(asked: Extract<ClientMessage, { type: 'reconnect' }>): Promise<ReconnectAck | undefined> {
    const { isPlain, member, tickets, session } = this.#options
    const { sessionId, resumeToken = '' } = asked
    // What such a client knows as its session's id is the secret itself.
    const secret = isPlain ? { sessionId: undefined, token: sessionId } : { sessionId, token: resumeToken }
    const redeemed = tickets.redeem({ ...secret, memberId: member.id })
    const historyRecovered = redeemed ? await this.#fetch(redeemed) : false
    if (historyRecovered === undefined) return undefined
    this.#former = redeemed?.tokenHash
    const success = redeemed !== undefined
    const token = this.#issueToken()
    const told = isPlain ? { sessionId: token } : { sessionId: session.now.id, resumeToken: token }
    return { type: 'reconnect-ack', success, historyRecovered, ...told }
  }

  /** The secret with which the present session can be asked for after a loss. */
  #issueToken(): string {
    const { tickets, member } = this.#options
    const session = this.#options.session.now
    const surrender = async () => {
      const stay = whereaboutsOf(session)
      // Whoever comes back seldom left the way behind them in order: nobody waits for the goodbye.
      void this.#options.end('surrendered')
      await session.closed
      return stay
    }
    // A client of seed 003 may come back with the id that `ready` gave it, whatever it has been told since.
    const alias = this.#options.isPlain ? this.#first : undefined
    const token = tickets.issue({ id: session.id, memberId: member.id, former: this.#former, alias, surrender })
    this.#first ??= hashOf(token)
    this.#current = token
    return token
  }

  /** True when the session is where it was, with what it had; undefined when this connection was lost on the way. */
  async #fetch(redeemed: RedeemedTicket): Promise<boolean | undefined> {
    const { host, tickets, session, isEnded, refuse, end } = this.#options
    const { sessionId, putBack } = redeemed
    const stay = await claim(redeemed)
    try {
      const fresh = session.now
      // As they are now: their role may have changed since they came.
      const { member: now } = fresh
      session.letGo()
      tickets.drop(fresh.id)
      await fresh.close('left')
      if (!isEnded()) {
        session.use(host.createSession(now, { id: sessionId }))
        const isThere = await bringBack(session.now, stay, refuse)
        if (!isEnded()) return isThere
      }
    } catch (error) {
      refuse(error)
      void end('lost')
    }
    putBack(stay, session.now.closed)
    return undefined
  }
}
