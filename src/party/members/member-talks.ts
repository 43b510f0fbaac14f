import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import type { MemberWord } from '../../wire/party/members.ts'
import { decodeSealedSignal, encodeSealedSignal } from '../../wire/party/sealed-signal.ts'
import { WireError } from '../../wire/wire-error.ts'
import { decodeKey } from '../../wire/wireguard/wireguard-key.ts'
import type { MemberDoubt } from '../../domain/member-doubt.ts'
import { PartyError } from '../contract/party-error.ts'
import type { SignalData } from '../contract/party-membership.ts'
import { MemberTalk } from './member-talk.ts'

/** Less than a control plane takes of a peer, so that heartbeats and joins have room beside it. */
const said = { perSecond: 15, burst: 60 }

export interface MemberTalksOptions {
  readonly partyId: string
  readonly ownId: string
  readonly keys: KeyPair
  /** See `MemberPair`. */
  readonly psk: Uint8Array | undefined
  /** Whether the control plane can be told something now. */
  readonly isConnected: () => boolean
  /** Puts it on its way to that member. */
  readonly send: (peerId: string, data: SignalData) => void
  readonly onMet: (peerId: string) => void
  readonly onDoubt: (peerId: string) => void
  readonly onSaid: (peerId: string, word: MemberWord) => void
  readonly keepRecording: ((name: string, recording: string) => void) | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/** What this machine says with the other members of its party. Who has no key, or another one than before, is not talked to. */
export class MemberTalks implements Disposable {
  readonly #options: MemberTalksOptions
  readonly #talks = new Map<string, { readonly publicKey: string; readonly talk: MemberTalk }>()
  readonly #pace: TokenBucket
  #recorded = 0

  constructor(options: MemberTalksOptions) {
    this.#options = options
    this.#pace = new TokenBucket({ ...said, nowMs: options.clock.nowMs() })
  }

  /** Who the others are: meets those that are new, and lets go of those that have left. */
  follow(members: readonly { readonly id: string; readonly public_key: string }[]): void {
    const here = new Set(members.map(({ id }) => id))
    for (const id of this.#talks.keys()) if (!here.has(id)) this.heed(id, undefined)
    for (const { id, public_key: key } of members) this.heed(id, key)
  }

  /** One of the others, by the key that it has now; undefined where it has left. */
  heed(peerId: string, publicKey: string | undefined): void {
    const known = this.#talks.get(peerId)
    if (known && known.publicKey !== publicKey) {
      known.talk[Symbol.dispose]()
      this.#talks.delete(peerId)
    }
    if (publicKey !== undefined && !this.#talks.has(peerId)) this.#add(peerId, publicKey)
  }

  /** Whether such a word may be said to that member now. */
  may(peerId: string, label: MemberWord['type']): boolean {
    return this.#talks.get(peerId)?.talk.may(label) ?? false
  }

  /** Throws PartyError `peer-offline` or `too-many-requests`, WireError `too-long`. */
  say(peerId: string, word: MemberWord): void {
    const known = this.#talks.get(peerId)
    if (!known) throw new PartyError('peer-offline', 'That member has no key by which it could be told anything')
    known.talk.say(word)
  }

  /** Why nothing is said with that member, where the party's code is the reason. */
  doubtOf(peerId: string): MemberDoubt | undefined {
    return this.#talks.get(peerId)?.talk.doubt
  }

  /** Begins anew with a member that does not answer. */
  renew(peerId: string): void {
    this.#talks.get(peerId)?.talk.renew()
  }

  /** What the control plane has passed on; what is not sealed is not heard. */
  hear(peerId: string, data: SignalData): void {
    const known = this.#talks.get(peerId)
    if (!known) return
    try {
      const signal = decodeSealedSignal(data)
      if (signal) known.talk.hear(signal)
      else this.#options.log.debug('A member signalled in clear, which is not heard', { peer: peerId })
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.#options.log.warn('A member signalled what makes no sense', { peer: peerId, why: messageOf(error) })
    }
  }

  [Symbol.dispose](): void {
    for (const { talk } of this.#talks.values()) talk[Symbol.dispose]()
    this.#talks.clear()
  }

  #add(peerId: string, publicKey: string): void {
    const { partyId, ownId, keys, psk, send, onMet, onDoubt, onSaid, keepRecording, clock, random, log } = this.#options
    const peerKey = keyOf(publicKey)
    // With a key of small order everybody could agree on the same.
    if (!peerKey || !keys.agree(peerKey)) return
    const epochMs = () => clock.epochMs()
    const talk = new MemberTalk({
      pair: { partyId, ownId, peerId, keys, peerKey, psk, isRecorded: keepRecording !== undefined, epochMs },
      takeTurn: () => this.#takeTurn(),
      send: (signal) => send(peerId, encodeSealedSignal(signal)),
      onMet: () => onMet(peerId),
      onDoubt: () => onDoubt(peerId),
      onSaid: (word) => onSaid(peerId, word),
      keepRecording: keepRecording && ((recording) => keepRecording(`party-${++this.#recorded}`, recording)),
      clock,
      random,
      log,
    })
    this.#talks.set(peerId, { publicKey, talk })
  }

  #takeTurn(): boolean {
    const { isConnected, clock } = this.#options
    return isConnected() && this.#pace.take(clock.nowMs())
  }
}

/** Undefined for what is no key. */
function keyOf(publicKey: string): Uint8Array | undefined {
  try {
    return decodeKey(publicKey)
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}
