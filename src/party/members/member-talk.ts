import { Backoff } from '../../kernel/backoff.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import { knownMembers, type MemberFault, type MemberWord } from '../../wire/party/members.ts'
import type { SealedSignal } from '../../wire/party/sealed-signal.ts'
import { WireError } from '../../wire/wire-error.ts'
import { PartyError } from '../contract/party-error.ts'
import type { MemberDoubt } from '../../domain/member-doubt.ts'
import { MemberSession, type MemberPair, type MemberRole } from './member-session.ts'

/** Who has not answered is called again, later each time. */
const calls = { baseDelayMs: 2000, maxDelayMs: 60_000, jitterFactor: 0.3, healthyAfterMs: 30_000 }
/** The one with the larger id leaves it to the other one to call first. */
const courtesyMs = 2000
const soonMs = 200
/** A call of the other end within this after an own one has crossed it. */
const crossingMs = 1000
/** An answer to a call is waited for so long. */
const patienceMs = 5000
/** Who broke the order is not heard for so long. */
const deafMs = 10_000
/** Of one member: handshakes, each of which costs some agreements of keys, and messages. */
const greets = { perSecond: 0.5, burst: 10 }
const heard = { perSecond: 40, burst: 120 }

export interface MemberTalkOptions {
  readonly pair: MemberPair
  /** Whether something may be sent now: takes one of those that may go in a second. */
  readonly takeTurn: () => boolean
  readonly send: (signal: SealedSignal) => void
  readonly onMet: () => void
  /** There is another reason, or none any more, why this member is not met. */
  readonly onDoubt: () => void
  readonly onSaid: (word: MemberWord) => void
  readonly keepRecording: ((recording: string) => void) | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/**
 * What is said with one member: meets it, and again whenever that was lost; hears what it has sealed for this end and nothing else. Where
 * both call at once the call of the smaller id counts. Until a new session has proved to be one, the former one goes on.
 */
export class MemberTalk implements Disposable {
  readonly #options: MemberTalkOptions
  readonly #backoff: Backoff
  readonly #greets: TokenBucket
  readonly #heard: TokenBucket
  readonly #versions = knownMembers()
  #open: MemberSession | undefined
  #calling: { readonly session: MemberSession; readonly atMs: number } | undefined
  #answered: MemberSession | undefined
  #timer: Timer | undefined
  #deafUntilMs = -Infinity
  #doubt: MemberDoubt | undefined
  /** The call whose answer was made with another second part, which is told once. */
  #doubted: MemberSession | undefined

  constructor(options: MemberTalkOptions) {
    const { clock, random, pair } = options
    this.#options = options
    this.#backoff = new Backoff(calls, clock, random)
    this.#greets = new TokenBucket({ ...greets, nowMs: clock.nowMs() })
    this.#heard = new TokenBucket({ ...heard, nowMs: clock.nowMs() })
    this.#callAfter((pair.ownId < pair.peerId ? 0 : courtesyMs) + soonMs * random())
  }

  /** Why nothing is said with this member, where the party's code is the reason. */
  get doubt(): MemberDoubt | undefined {
    return this.#doubt
  }

  /** Whether such a word may be said now. */
  may(label: MemberWord['type']): boolean {
    return this.#open?.may(label) ?? false
  }

  /** Throws PartyError `peer-offline` or `too-many-requests`, WireError `too-long`; nothing was said then. */
  say(word: MemberWord): void {
    if (!this.#open) throw new PartyError('peer-offline', 'That member cannot be talked to now')
    if (!this.#open.may(word.type)) {
      throw new PartyError('too-many-requests', 'That member has not answered what it was asked before')
    }
    if (!this.#options.takeTurn()) {
      throw new PartyError('too-many-requests', 'The control plane cannot be told more just now')
    }
    this.#options.send(this.#open.seal(word))
  }

  hear(signal: SealedSignal): void {
    const { clock, log, pair } = this.#options
    const nowMs = clock.nowMs()
    // What is passed over leaves a gap, by which it is found out.
    if (nowMs < this.#deafUntilMs || !this.#heard.take(nowMs)) return
    try {
      if (signal.kind === 'greet') this.#greeted(signal)
      else if (signal.kind === 'greeted') this.#answeredTo(signal)
      else if (signal.kind === 'doubted') this.#doubtedBy(signal)
      else this.#sealed(signal)
    } catch (error) {
      if (!(error instanceof WireError) && !(error instanceof PartyError)) throw error
      log.warn('What came as a member’s was not sealed by it', { peer: pair.peerId, why: messageOf(error) })
    }
  }

  /** Another session in the place of this one, as answers do not come any more. */
  renew(): void {
    if (!this.#open) return
    this.#end(this.#open)
    this.#callAfter(0)
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel()
    const open = this.#open
    if (open?.may('over') && this.#options.takeTurn()) {
      this.#options.send(open.seal({ type: 'over', code: 'left', detail: '' }))
    }
    if (open) this.#end(open)
    this.#calling = this.#answered = undefined
  }

  #callAfter(delayMs: number): void {
    this.#timer?.cancel()
    this.#timer = this.#options.clock.after(delayMs, () => this.#call())
  }

  #call(): void {
    this.#calling = this.#answered = undefined
    this.#callAfter(this.#backoff.failed())
    const { pair, takeTurn, send, clock } = this.#options
    if (!takeTurn()) return
    const { session, greeting } = MemberSession.call(pair)
    this.#calling = { session, atMs: clock.nowMs() }
    send(greeting)
  }

  #greeted(greeting: Extract<SealedSignal, { kind: 'greet' }>): void {
    const { pair, takeTurn, send, clock } = this.#options
    const nowMs = clock.nowMs()
    if (!this.#greets.take(nowMs)) return
    // Never without the second part where there is one: who passes signals on could leave out that word.
    if (greeting.psk !== (pair.psk !== undefined)) return this.#doubtGreeting(greeting)
    const isOwnFirst = pair.ownId < pair.peerId && this.#calling && nowMs - this.#calling.atMs < crossingMs
    if (isOwnFirst || !takeTurn()) return
    const { session, answer } = MemberSession.answer(pair, greeting)
    this.#calling = undefined
    this.#answered = session
    send(answer)
    if (!this.#judge(session, 'caller') || this.#open) return
    this.#callAfter(this.#doubt ? this.#backoff.failed() : patienceMs)
  }

  #answeredTo(greeted: Extract<SealedSignal, { kind: 'greeted' }>): void {
    const { takeTurn, send } = this.#options
    const session = this.#calling?.session
    if (session?.id !== greeted.session || !takeTurn()) return
    const met = this.#meet(session, greeted)
    this.#calling = undefined
    send(met)
    if (this.#judge(session, 'called')) this.#met(session)
  }

  /** Throws WireError for an answer that is forged, or made with another second part: which of the two cannot be told. */
  #meet(session: MemberSession, greeted: Extract<SealedSignal, { kind: 'greeted' }>): SealedSignal {
    try {
      return session.meet(greeted)
    } catch (error) {
      if (this.#options.pair.psk && this.#doubted !== session) {
        this.#doubted = session
        this.#options.send({ kind: 'doubted', session: session.id })
        this.#doubtIs('other-secret')
      }
      throw error
    }
  }

  #doubtGreeting({ session, psk }: Extract<SealedSignal, { kind: 'greet' }>): void {
    this.#doubtIs(psk ? 'secret-wanted' : 'without-secret')
    const { takeTurn, send } = this.#options
    if (takeTurn()) send({ kind: 'doubted', session })
  }

  #doubtedBy({ session }: Extract<SealedSignal, { kind: 'doubted' }>): void {
    const { psk } = this.#options.pair
    if (this.#calling?.session.id === session) this.#doubtIs(psk ? 'without-secret' : 'secret-wanted')
    else if (this.#answered?.id === session && psk) this.#doubtIs('other-secret')
  }

  #doubtIs(doubt: MemberDoubt | undefined): void {
    // What is said in clear changes nothing for a member that has proved who it is.
    if (this.#doubt === doubt || (doubt && this.#open)) return
    this.#doubt = doubt
    const { log, pair, onDoubt } = this.#options
    if (doubt) log.warn('A member is not met because of the second part of the code', { peer: pair.peerId, why: doubt })
    onDoubt()
  }

  #sealed(signal: Extract<SealedSignal, { kind: 'sealed' }>): void {
    const session = [this.#open, this.#answered].find((each) => each?.id === signal.session)
    if (!session) {
      // It was said to who is not here any more: this one may be met.
      const isIdle = !this.#open && !this.#calling && !this.#answered
      if (isIdle && this.#greets.take(this.#options.clock.nowMs())) this.#callAfter(0)
      return
    }
    try {
      this.#opened(session, session.open(signal))
    } catch (error) {
      if (error instanceof ProtocolViolation) this.#refuse(session, 'protocol-violation', error.message)
      else if (error instanceof WireError) this.#refuse(session, 'malformed', error.message)
      else throw error
    }
  }

  #opened(session: MemberSession, opened: ReturnType<MemberSession['open']>): void {
    const { log, pair, onSaid } = this.#options
    if (opened.kind === 'lost') {
      log.debug('Something that a member said was lost', { peer: pair.peerId })
      this.#end(session)
      return this.#callAfter(0)
    }
    if (opened.kind !== 'said') return log.debug('A signal was not taken', { peer: pair.peerId, why: opened.kind })
    const { message } = opened
    if (message.type === 'met') return this.#met(session)
    if (message.type !== 'over') return onSaid(message)
    if (message.code !== 'left') log.warn('A member refuses to go on', { peer: pair.peerId, why: message.detail })
    this.#end(session)
    this.#callAfter(message.code === 'left' ? this.#backoff.failed() : deafMs)
  }

  #met(session: MemberSession): void {
    if (this.#open) this.#end(this.#open)
    this.#calling = this.#answered = this.#doubted = undefined
    this.#open = session
    this.#doubtIs(undefined)
    this.#timer?.cancel()
    this.#backoff.succeeded()
    this.#options.onMet()
  }

  /** False for a version of the conversation with which this one is not safe. */
  #judge(session: MemberSession, role: MemberRole): boolean {
    const verdict = this.#versions.judge(role, session.peerVersion)
    if (verdict.kind !== 'unsafe') return true
    this.#refuse(session, 'other-version', `The versions do not go together: ${verdict.differences.join('; ')}`)
    return false
  }

  /** Tells it why, if it may be told, and hears it again when some time has passed. */
  #refuse(session: MemberSession, code: MemberFault, why: string): void {
    const { pair, takeTurn, send, clock, log } = this.#options
    const detail = why.slice(0, 300)
    log.warn('A member was refused', { peer: pair.peerId, code, why: detail })
    const end = takeTurn() ? session.sealEnd(code, detail) : undefined
    if (end) send(end)
    this.#deafUntilMs = clock.nowMs() + deafMs
    this.#end(session)
    this.#callAfter(deafMs)
  }

  #end(session: MemberSession): void {
    if (this.#open === session) this.#open = undefined
    if (this.#answered === session) this.#answered = undefined
    const { recording } = session
    if (recording !== undefined) this.#options.keepRecording?.(recording)
  }
}
