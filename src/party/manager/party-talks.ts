import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import type { MemberWord } from '../../wire/party/members.ts'
import { PartyError } from '../contract/party-error.ts'
import type { MemberListener, SignalData } from '../contract/party-membership.ts'
import type { Peer } from '../contract/party.ts'
import { MemberListeners } from '../members/member-listeners.ts'
import { MemberTalks } from '../members/member-talks.ts'

interface PartyTalksOptions {
  readonly ownId: string
  readonly keys: KeyPair
  readonly keepRecording: ((name: string, recording: string) => void) | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/** By which signals go, while this machine is in a party. */
interface SignalWay {
  readonly canSignal: boolean
  signal(peerId: string, data: SignalData): void
}

/** What is said with members of whatever party this machine is in; they are met as soon as somebody here listens to them. */
export class PartyTalks {
  readonly #options: PartyTalksOptions
  readonly #listeners: MemberListeners
  #talks: MemberTalks | undefined
  #peers: readonly Peer[] = []

  constructor(options: PartyTalksOptions) {
    this.#options = options
    this.#listeners = new MemberListeners(options.log)
  }

  begin(partyId: string, way: () => SignalWay | undefined): void {
    this.end()
    this.#talks = new MemberTalks({
      ...this.#options,
      partyId,
      isConnected: () => way()?.canSignal ?? false,
      send: (peerId, data) => way()?.signal(peerId, data),
      onMet: (peerId) => this.#listeners.met(peerId),
      onSaid: (peerId, word) => this.#listeners.said(peerId, word),
    })
  }

  end(): void {
    this.#talks?.[Symbol.dispose]()
    this.#talks = undefined
    this.#peers = []
  }

  /** Who the others are. */
  follow(peers: readonly Peer[]): void {
    this.#peers = peers
    if (this.#listeners.size > 0) this.#talks?.follow(peers)
  }

  hear(peerId: string, data: SignalData): void {
    this.#talks?.hear(peerId, data)
  }

  may(peerId: string, label: MemberWord['type']): boolean {
    return this.#talks?.may(peerId, label) ?? false
  }

  say(peerId: string, word: MemberWord): void {
    if (!this.#peers.some(({ id }) => id === peerId)) {
      throw new PartyError('not-a-member', 'That peer is not in this party')
    }
    this.#talks?.say(peerId, word)
  }

  renew(peerId: string): void {
    this.#talks?.renew(peerId)
  }

  listen(listener: MemberListener): Unsubscribe {
    const end = this.#listeners.add(listener)
    this.follow(this.#peers)
    return end
  }
}
