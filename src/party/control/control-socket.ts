import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import type { Pipe, PipeMessage } from '../../kernel/pipe.ts'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import { typedReceiver } from '../../kernel/monitor/conversation-peer.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import type { TypedMonitor } from '../../kernel/monitor/typed-conversation.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import { partyControl } from '../../wire/party/protocol.ts'
import { peerOf, tellParty } from '../../wire/party/records.ts'
import { decodePartyClientMessage, type PartyClientMessage, type PartyServerMessage } from '../../wire/party/socket.ts'
import { WireError } from '../../wire/wire-error.ts'
import { PartyError } from '../contract/party-error.ts'
import type { PartyRegistry } from '../registry/party-registry.ts'
import { notServed } from './control-calls.ts'
import type { PartyVersions } from './party-versions.ts'

const plan = planConversation(partyControl, 'plane')
/** To say who one is. */
const introductionMs = 10_000
const pace = { perSecond: 20, burst: 100 }
/** A peer says something, or pings, every 30 s; one that is gone without a word keeps no place. */
const silentMs = 150_000
const looksEveryMs = 30_000
/** Of what was not taken yet; a peer that falls further behind is dropped, and asks anew. */
const mostUnsentBytes = 1024 * 1024
/** Of a peer; the one that it began with is followed no more for one more. */
const mostFollowed = 16
/** RFC 6455, section 7.4.1. */
const policyViolation = 1008

type Signal = Extract<PartyClientMessage, { readonly type: 'signal' }>
type Follow = Extract<PartyClientMessage, { readonly type: 'follow_party' }>

/** One peer's conversation. What it asks for is done in its order; what is refused is told and ends nothing, but for an introduction. */
export class ControlSocket {
  peerId: string | undefined
  readonly #pipe: Pipe
  readonly #log: Log
  readonly #clock: Clock
  readonly #registry: PartyRegistry
  readonly #versions: PartyVersions
  readonly #followed = new Set<string>()
  readonly #onIntroduced: (peerId: string, isProven: boolean) => void
  readonly #signalTo: (peerId: string) => ControlSocket | undefined
  readonly #monitor: TypedMonitor<typeof partyControl, 'plane'>
  readonly #receive: (message: PartyClientMessage) => void
  readonly #pace: TokenBucket
  readonly #introduction: Timer
  readonly #mayEnter: () => boolean
  readonly #mayMakeParties: (peerId: string) => boolean
  #heardMs: number
  /** Deeds go one after the other, so that a join that comes after a register finds its party. */
  #last: Promise<void> = Promise.resolve()

  constructor(options: {
    pipe: Pipe
    registry: PartyRegistry
    versions: PartyVersions
    clock: Clock
    log: Log
    /** Throws where that id may not be taken. */
    onIntroduced: (peerId: string, isProven: boolean) => void
    signalTo: (peerId: string) => ControlSocket | undefined
    /** Whether one more party may be made or joined from where this comes, so soon. */
    mayEnter: () => boolean
    mayMakeParties: (peerId: string) => boolean
  }) {
    const { pipe, clock } = options
    this.#pipe = pipe
    this.#registry = options.registry
    this.#versions = options.versions
    this.#clock = clock
    this.#log = options.log
    this.#onIntroduced = options.onIntroduced
    this.#signalTo = options.signalTo
    this.#mayEnter = options.mayEnter
    this.#mayMakeParties = options.mayMakeParties
    this.#heardMs = clock.nowMs()
    this.#pace = new TokenBucket({ ...pace, nowMs: clock.nowMs() })
    const monitor = new ConversationMonitor(plan)
    this.#monitor = monitor
    this.#receive = typedReceiver(partyControl, 'plane', monitor, {
      auth: ({ peer_id: peerId, token }) => this.#introduce(peerId, token ?? undefined),
      register_party: ({ party_id: id, name, host_peer: host }) =>
        this.#enter(host.peer_id, async () => {
          if (!this.#mayMakeParties(host.peer_id)) throw new PartyError('not-served', notServed)
          await this.#registry.registerParty({ id, name, host: peerOf(host) })
        }),
      join_party: ({ party_id: id, peer, code }) =>
        this.#enter(peer.peer_id, async () => {
          const party = await this.#registry.joinParty(id, peerOf(peer), code)
          // Whoever comes into a large party is told all of it once.
          this.say({ type: 'party_update', party: tellParty(party) })
        }),
      leave_party: ({ party_id: id, peer_id: peerId }) =>
        this.#do(peerId, async () => void (await this.#registry.leaveParty(id, peerId))),
      heartbeat: ({ party_id: id, peer_id: peerId }) =>
        this.#do(peerId, async () => this.#registry.heartbeat(id, peerId)),
      follow_party: (message) => this.#do(message.peer_id, async () => this.#follow(message)),
      signal: (message) => this.#do(message.from_peer_id, async () => this.#signal(message)),
    })
    this.#introduction = clock.after(introductionMs, () => this.end(policyViolation, 'Wanted an introduction'))
    const looking = clock.every(looksEveryMs, () => {
      if (clock.nowMs() - this.#heardMs > silentMs) pipe.close(undefined, 'silent')
    })
    void pipe.closed.then(() => {
      looking.cancel()
      this.#introduction.cancel()
    })
    pipe.listen({
      message: (message) => this.#onMessage(message),
      fault: (code, message) => this.#log.debug('A peer’s message cannot be taken', { code, message }),
    })
  }

  /** Sends a message of that label as it was written, once for many; what is not taken for long ends the connection. */
  tell(label: PartyServerMessage['type'], text: string): void {
    if (!this.#pipe.open) return
    this.#monitor.sent(label)
    if (this.#pipe.buffered > mostUnsentBytes) return this.#pipe.close(undefined, 'It falls behind')
    this.#pipe.send(text)
  }

  /** Whether it wants to be told of that party by its versions. */
  follows(partyId: string): boolean {
    return this.#followed.has(partyId)
  }

  say(message: PartyServerMessage): void {
    this.tell(message.type, JSON.stringify(message))
  }

  end(code: number, reason: string): void {
    this.#pipe.close(code, reason)
  }

  /** It is there: it has said something, or pinged. */
  hear(): void {
    this.#heardMs = this.#clock.nowMs()
  }

  #onMessage(message: PipeMessage): void {
    this.hear()
    try {
      if (!this.#pace.take(this.#clock.nowMs())) throw new PartyError('too-many-requests', 'Slower')
      if (typeof message !== 'string') throw new WireError('malformed', 'Cannot read the message: wanted text')
      this.#receive(decodePartyClientMessage(message))
    } catch (error) {
      // After a message out of order there is nothing left to say.
      if (error instanceof ProtocolViolation) return this.end(policyViolation, messageOf(error))
      this.#refuse(error)
      if (this.peerId === undefined) this.end(policyViolation, messageOf(error))
    }
  }

  #introduce(peerId: string, token: string | undefined): void {
    const { tokens } = this.#registry
    const isProven = token !== undefined
    if (isProven && tokens.peerOf(token) !== peerId) throw new PartyError('not-yours', 'The token is of another peer')
    if (!isProven && tokens.isBound(peerId)) throw new PartyError('unauthenticated', 'Bring the token of that peer id')
    this.#onIntroduced(peerId, isProven)
    if (!isProven) void this.#pipe.closed.then(tokens.hold(peerId))
    this.peerId = peerId
    this.#introduction.cancel()
  }

  /** A code has 50 bits; whoever tries many, or makes many parties, is slowed down all the same. */
  #enter(peerId: string, deed: () => Promise<void>): void {
    if (!this.#mayEnter()) throw new PartyError('too-many-requests', 'Slower: try again in a few seconds')
    this.#do(peerId, deed)
  }

  #do(peerId: string, deed: () => Promise<void>): void {
    if (peerId !== this.peerId) throw new PartyError('not-yours', 'This connection is of another peer')
    this.#last = this.#last.then(deed).catch((error: unknown) => this.#refuse(error))
  }

  /** Told first is what has changed since the version that they have, or which one there is now, so that who has an older one asks. */
  #follow({ party_id: partyId, peer_id: peerId, version }: Follow): void {
    this.#registry.peer(partyId, peerId)
    const [first] = this.#followed
    if (this.#followed.size >= mostFollowed && first !== undefined) this.#followed.delete(first)
    this.#followed.add(partyId)
    this.say(this.#versions.since(partyId, version))
  }

  /** To a member of the same party, and to nobody else. */
  #signal(message: Signal): void {
    const { party_id: partyId, from_peer_id: from, to_peer_id: to } = message
    const { peers } = this.#registry.party(partyId)
    if (!peers.has(from) || !peers.has(to)) throw new PartyError('not-a-member', 'Both have to be in that party')
    const target = this.#signalTo(to)
    if (!target) throw new PartyError('peer-offline', 'That peer is not connected now')
    target.say(message)
  }

  #refuse(error: unknown): void {
    const isKnown = error instanceof PartyError || error instanceof WireError
    if (!isKnown) this.#log.error('A message of a peer failed', { error: messageOf(error) })
    this.say({ type: 'error', message: isKnown ? error.message : 'Something went wrong on the control plane' })
  }
}
