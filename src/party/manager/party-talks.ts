import { sleep, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import type { MemberWord } from '../../wire/party/members.ts'
import { PartyError } from '../contract/party-error.ts'
import type { MemberListener, SignalData } from '../contract/party-membership.ts'
import { MemberListeners } from '../members/member-listeners.ts'
import type { MemberDoubt } from '../../domain/member-doubt.ts'
import { MemberTalks } from '../members/member-talks.ts'
import type { PartyMembers } from './party-members.ts'
import { secretKey } from './party-invitation.ts'

interface PartyTalksOptions {
  readonly members: PartyMembers
  readonly ownId: string
  readonly keys: KeyPair
  readonly keepRecording: ((name: string, recording: string) => void) | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/** A member that is there is met within this, and noticed so soon. */
const proofMs = 5000
const proofLookMs = 50

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
  #isMet = false
  #beginning: Promise<unknown> | undefined
  /** Of the last party that was prepared, since it takes a while. */
  #prepared: { readonly of: string; readonly key: Promise<Uint8Array | undefined> } | undefined

  constructor(options: PartyTalksOptions) {
    this.#options = options
    this.#listeners = new MemberListeners(options.log)
  }

  /** Makes ready what members of a party prove to each other, so that the first that calls is answered. Does nothing without a second part. */
  prepare(partyId: string, secret: string | undefined): Promise<Uint8Array | undefined> {
    const of = `${partyId} ${secret ?? ''}`
    if (this.#prepared?.of !== of) {
      this.#prepared = { of, key: secret === undefined ? Promise.resolve(undefined) : secretKey(secret, partyId) }
    }
    return this.#prepared.key
  }

  /** `secret`: the second part of the party's code. */
  begin(
    { id, secret }: { readonly id: string; readonly secret?: string | undefined },
    way: () => SignalWay | undefined,
  ): void {
    this.end()
    if (secret === undefined) return this.#open(id, undefined, way)
    const mine = (this.#beginning = this.prepare(id, secret))
    mine.then(
      (psk) => void (this.#beginning === mine && this.#open(id, psk, way)),
      (error: unknown) => this.#options.log.error('Members cannot be talked to', { error: messageOf(error) }),
    )
  }

  #open(partyId: string, psk: Uint8Array | undefined, way: () => SignalWay | undefined): void {
    this.#talks = new MemberTalks({
      ...this.#options,
      partyId,
      psk,
      isConnected: () => way()?.canSignal ?? false,
      send: (peerId, data) => way()?.signal(peerId, data),
      onMet: (peerId) => {
        this.#isMet = true
        this.#listeners.met(peerId)
      },
      onDoubt: (peerId) => this.#listeners.doubted(peerId),
      onSaid: (peerId, word) => this.#listeners.said(peerId, word),
    })
    this.#follow()
  }

  end(): void {
    this.#talks?.[Symbol.dispose]()
    this.#talks = this.#beginning = undefined
    this.#isMet = false
  }

  /** These are different now, or have come or left. */
  follow(peerIds: Iterable<string>): void {
    const { members, ownId } = this.#options
    if (this.#listeners.size === 0) return
    for (const id of peerIds) if (id !== ownId) this.#talks?.heed(id, members.peer(id)?.public_key)
  }

  hear(peerId: string, data: SignalData): void {
    this.#talks?.hear(peerId, data)
  }

  may(peerId: string, label: MemberWord['type']): boolean {
    return this.#talks?.may(peerId, label) ?? false
  }

  say(peerId: string, word: MemberWord): void {
    if (peerId === this.#options.ownId || !this.#options.members.has(peerId)) {
      throw new PartyError('not-a-member', 'That peer is not in this party')
    }
    this.#talks?.say(peerId, word)
  }

  /** Why nothing is said with that member, where the party's code is the reason. */
  doubtOf(peerId: string): MemberDoubt | undefined {
    return this.#talks?.doubtOf(peerId)
  }

  /**
   * Waits until a member has proved to have this host's second part, or says that this host's is another one; for a while, and not where
   * nobody here listens to members. Rejects with PartyError `wrong-secret` where all that was heard is that.
   */
  async demandProof(): Promise<void> {
    const { clock } = this.#options
    const untilMs = clock.nowMs() + proofMs
    // Whoever has not been heard yet may still prove it.
    const mayCome = () => !this.#isMet && this.#options.members.others.some(({ id }) => this.doubtOf(id) === undefined)
    while (this.#listeners.size > 0 && mayCome() && clock.nowMs() < untilMs) await sleep(clock, proofLookMs)
    if (this.#isMet) return
    for (const { id, name } of this.#options.members.others) {
      const doubt = this.doubtOf(id)
      if (doubt === 'secret-wanted') {
        throw new PartyError(
          'wrong-secret',
          'The code of this party has a second part: join by the whole code, or by the link',
        )
      }
      if (doubt === 'other-secret') {
        throw new PartyError(
          'wrong-secret',
          `The second part of the code is not the one that ${name} has. Where it was typed right, the control plane may put itself between you`,
        )
      }
    }
  }

  renew(peerId: string): void {
    this.#talks?.renew(peerId)
  }

  listen(listener: MemberListener): Unsubscribe {
    const end = this.#listeners.add(listener)
    this.#follow()
    return end
  }

  #follow(): void {
    if (this.#listeners.size > 0) this.#talks?.follow(this.#options.members.others)
  }
}
