import type { Clock, Timer } from '../../kernel/clock.ts'
import { goingAway, type Pipe, type PipeEnd, type PipeMessage } from '../../kernel/pipe.ts'
import { packetCostBytes } from '../../kernel/shared-rate.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import { mostTunnelledBytes } from '../../wire/party/tunnel.ts'
import { encodeRendezvous, maxRendezvousBytes } from '../../wire/reach/protocol.ts'

/** Why a gateway turns a visitor away, in the words of a rendezvous. */
export type VisitRefusal =
  /** No host of that key has been here. */
  | 'not-registered'
  /** It was here, and is not connected now. */
  | 'host-away'
  /** It is connected, and did not come to the visit in time. */
  | 'no-answer'
  /** There is no room for one more, at the gateway or for the host. */
  | 'full'
  /** Whoever it is tries too often. */
  | 'busy'

export interface Refused {
  readonly code: VisitRefusal
  /** Cause and next step, for people. */
  readonly message: string
}

export interface VisitOptions {
  readonly visitor: Pipe
  readonly clock: Clock
  /** The visitor has begun to speak: tells the host, or why not. */
  readonly begin: (self: Visit) => Refused | undefined
  /** What the host did not come to. */
  readonly unanswered: () => Refused
  /** Takes as many bytes of the gateway's rate; false where that is more than the visit may now. */
  readonly take: (bytes: number) => boolean
  /** A packet went through, or was lost here. */
  readonly onPacket: (isHandedOn: boolean) => void
}

/** To say the first word, and for the host to come. */
const introductionMs = 10_000
const answerMs = 10_000
/** Both ends check their paths, also those that carry nothing. */
const silentMs = 150_000
const looksEveryMs = 15_000
/** Of each end: candidates are few, and leases are renewed every few minutes. */
const texts = { perSecond: 5, burst: 80 }
const mostHeld = 8
/** What waits longer than this is late; packets can be lost, and their sender hears of it. */
const mostUnsentBytes = 256 * 1024
const policyViolation = 1008

/**
 * Two sockets that a gateway has made one way of: of somebody who looks for a host, and of the host, which came for them. What they say is
 * handed on unread. Texts are few and none is lost; packets that are too much are.
 */
export class Visit {
  readonly closed: Promise<unknown>
  readonly #options: VisitOptions
  readonly #timers: Timer[] = []
  /** What the visitor says before the host is there; undefined before the first word. */
  #held: string[] | undefined
  #host: Pipe | undefined
  #heardMs: number

  constructor(options: VisitOptions) {
    const { visitor, clock } = options
    this.#options = options
    this.#heardMs = clock.nowMs()
    this.closed = visitor.closed
    this.#after(introductionMs, () => this.#held ?? this.end('Nothing was asked in time'))
    this.#timers.push(
      clock.every(looksEveryMs, () => {
        if (clock.nowMs() - this.#heardMs > silentMs) this.end('Nothing was said for long')
      }),
    )
    void visitor.closed.then((end) => {
      for (const timer of this.#timers) timer.cancel()
      this.#host?.close(...passedOn(end))
    })
    this.#listen(visitor, (message) => this.#fromVisitor(message))
  }

  /** The host is there, on a socket of its own. */
  join(host: Pipe): void {
    this.#host = host
    const { visitor } = this.#options
    for (const text of this.#held?.splice(0) ?? []) host.send(text)
    this.#listen(host, (message) => this.#handOn(message, visitor))
    void host.closed.then((end) => visitor.close(...passedOn(end)))
  }

  refuse({ code, message }: Refused): void {
    const { visitor } = this.#options
    visitor.send(encodeRendezvous({ type: 'refused', code, message }))
    visitor.close(1000, message)
  }

  end(reason: string): void {
    this.#options.visitor.close(goingAway, reason)
  }

  #fromVisitor(message: PipeMessage): void {
    if (this.#host) return this.#handOn(message, this.#host)
    // Packets come only when the host has answered.
    if (typeof message !== 'string') return this.#break('Wanted an introduction')
    if (!this.#held) {
      this.#held = [message]
      const refused = this.#options.begin(this)
      if (refused) return this.refuse(refused)
      this.#after(answerMs, () => this.#host ?? this.refuse(this.#options.unanswered()))
    } else if (this.#held.push(message) > mostHeld) this.#break('Messages came too fast')
  }

  #handOn(message: PipeMessage, to: Pipe): void {
    if (typeof message === 'string') return to.send(message)
    const { take, onPacket } = this.#options
    const isTaken = take(message.length + packetCostBytes) && to.open && to.buffered <= mostUnsentBytes
    if (isTaken) to.send(message)
    onPacket(isTaken)
  }

  /** Holds what comes to its measure. */
  #listen(pipe: Pipe, take: (message: PipeMessage) => void): void {
    const { clock } = this.#options
    const pace = new TokenBucket({ ...texts, nowMs: clock.nowMs() })
    pipe.listen({
      message: (message) => {
        if (!pipe.open) return
        this.#heardMs = clock.nowMs()
        const isText = typeof message === 'string'
        if (message.length > (isText ? maxRendezvousBytes : mostTunnelledBytes)) return this.#break('That is too long')
        if (isText && !pace.take(this.#heardMs)) return this.#break('Messages came too fast')
        take(message)
      },
      fault: (_code, message) => this.#break(message),
    })
  }

  #break(reason: string): void {
    this.#options.visitor.close(policyViolation, reason)
  }

  #after(ms: number, call: () => void): void {
    this.#timers.push(this.#options.clock.after(ms, call))
  }
}

/** An end as the other end is told of it. */
function passedOn({ code }: PipeEnd): [code: number, reason: string] {
  return code === undefined || (code >= 1004 && code <= 1006)
    ? [goingAway, 'The other end is gone']
    : [code, 'The other end has closed it']
}
