import { randomBytes } from 'node:crypto'
import type { ConversationPlan } from '../../kernel/monitor/conversation.ts'
import { planConversation } from '../../kernel/monitor/conversation.ts'
import { RecordingMonitor } from '../../kernel/monitor/recording-monitor.ts'
import { nodeCrypto } from '../../net/native/node-crypto.ts'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import { NoiseHandshake, type NoiseKeys } from '../../wire/native/noise.ts'
import {
  decodeMemberMessage,
  encodeMemberMessage,
  partyMembers,
  type MemberFault,
  type MemberMessage,
} from '../../wire/party/members.ts'
import { mostSealedBytes, type SealedSignal } from '../../wire/party/sealed-signal.ts'
import { WireError } from '../../wire/wire-error.ts'
import { PartyError } from '../contract/party-error.ts'

export type MemberRole = (typeof partyMembers.roles)[number]

const plans: Readonly<Record<MemberRole, ConversationPlan>> = {
  caller: planConversation(partyMembers, 'caller'),
  called: planConversation(partyMembers, 'called'),
}
const nothing = new Uint8Array(0)
const recordedMessages = 200
const mostVersionBytes = 64

/** Between whom a session is. */
export interface MemberPair {
  readonly partyId: string
  readonly ownId: string
  readonly peerId: string
  readonly keys: KeyPair
  /** 32 bytes; who has another one is not the peer. */
  readonly peerKey: Uint8Array
  /** Of the second part of the party's code, 32 bytes; undefined in a party without one. Who has another one, or none, is not met. */
  readonly psk: Uint8Array | undefined
  readonly isRecorded: boolean
  readonly epochMs: () => number
}

/** What a sealed signal turned out to be; `replayed` came before, `forged` was not made by this session, `lost` tells of others before it. */
export type Opened =
  | { readonly kind: 'said'; readonly message: MemberMessage }
  | { readonly kind: 'replayed' | 'forged' | 'lost' }

type Greet = Extract<SealedSignal, { kind: 'greet' }>
type Greeted = Extract<SealedSignal, { kind: 'greeted' }>
type Sealed = Extract<SealedSignal, { kind: 'sealed' }>

/**
 * One handshake of two members with all that they say by it: Noise IK by the keys that they have in the party and IKpsk2 where its code has a
 * second part, bound to the party, to both ids and to who calls whom. Each message has the next number, under which it is sealed and without which none is read; what is
 * read is held to the conversation.
 */
export class MemberSession {
  readonly id: string
  readonly role: MemberRole
  readonly #handshake: NoiseHandshake
  readonly #watch: RecordingMonitor
  #keys: NoiseKeys | undefined
  #sent = 0
  #received = 0
  /** The fingerprint of the conversation as the other end has it. */
  peerVersion = ''

  private constructor(pair: MemberPair, { role, id }: { role: MemberRole; id: string }) {
    this.role = role
    this.id = id
    const isInitiator = role === 'caller'
    const [from, to] = isInitiator ? [pair.ownId, pair.peerId] : [pair.peerId, pair.ownId]
    this.#handshake = new NoiseHandshake({
      crypto: nodeCrypto,
      pattern: 'IK',
      isInitiator,
      prologue: new TextEncoder().encode(JSON.stringify(['porchlight party members', pair.partyId, from, to, id])),
      own: pair.keys,
      peerKey: isInitiator ? pair.peerKey : undefined,
      psk: pair.psk,
    })
    const capacity = pair.isRecorded ? recordedMessages : 0
    this.#watch = new RecordingMonitor({ plan: plans[role], epochMs: pair.epochMs, capacity })
  }

  /** Throws WireError for a key with which nothing can be agreed. */
  static call(pair: MemberPair): { readonly session: MemberSession; readonly greeting: Greet } {
    const session = new MemberSession(pair, { role: 'caller', id: randomBytes(16).toString('base64url') })
    const noise = session.#handshake.write(ownVersion())
    session.#watch.sent('greet')
    return { session, greeting: { kind: 'greet', session: session.id, noise, psk: pair.psk !== undefined } }
  }

  /** Throws WireError for a greeting that is forged or for another one, PartyError `not-yours` for one by another key than the peer's. */
  static answer(pair: MemberPair, greeting: Greet): { readonly session: MemberSession; readonly answer: Greeted } {
    const session = new MemberSession(pair, { role: 'called', id: greeting.session })
    session.#takeVersion(session.#handshake.read(greeting.noise))
    if (!Buffer.from(pair.peerKey).equals(session.#handshake.peerKey ?? nothing)) {
      throw new PartyError('not-yours', 'The greeting is by another key than that member has')
    }
    session.#watch.received('greet')
    const noise = session.#handshake.write(ownVersion())
    session.#watch.sent('greeted')
    session.#keys = session.#handshake.split()
    return { session, answer: { kind: 'greeted', session: session.id, noise } }
  }

  /** The caller's handshake is done, and its first sealed message is what this returns. Throws WireError for a forged one, which changes nothing. */
  meet({ noise }: Greeted): Sealed {
    this.#takeVersion(this.#handshake.read(noise))
    this.#watch.received('greeted')
    this.#keys = this.#handshake.split()
    return this.seal({ type: 'met' })
  }

  /** Whether such a message may be said now. */
  may(label: MemberMessage['type']): boolean {
    return this.#keys !== undefined && this.#watch.may('sent', label)
  }

  /** Throws ProtocolViolation where it may not be said now, WireError `too-long`. */
  seal(message: MemberMessage): Sealed {
    const plain = encodeMemberMessage(message)
    if (plain.length > mostSealedBytes) {
      throw new WireError('too-long', `A member is told at most ${mostSealedBytes} bytes at a time`)
    }
    this.#watch.sent(message.type)
    return this.#sealed(plain)
  }

  /** Why this end goes no further, also where the order is broken and nothing may be said any more; undefined before there are keys. */
  sealEnd(code: MemberFault, detail: string): Sealed | undefined {
    return this.#keys && this.#sealed(encodeMemberMessage({ type: 'over', code, detail }))
  }

  /** Throws WireError for what makes no sense under the seal, ProtocolViolation for what may not come now: then the session is at its end. */
  open({ number, box }: Sealed): Opened {
    if (!this.#keys) return { kind: 'forged' }
    if (number < this.#received) return { kind: 'replayed' }
    const plain = nodeCrypto.open(this.#keys.receive, number, nothing, box)
    if (!plain) return { kind: 'forged' }
    if (number > this.#received) return { kind: 'lost' }
    this.#received++
    const message = this.#decode(plain)
    this.#watch.received(message.type)
    return { kind: 'said', message }
  }

  /** As a file that can be replayed; undefined where nothing is recorded. */
  get recording(): string | undefined {
    return this.#watch.recording
  }

  #sealed(plain: Uint8Array): Sealed {
    if (!this.#keys) throw new TypeError('A session seals nothing before its handshake is done')
    const number = this.#sent++
    const box = nodeCrypto.seal(this.#keys.send, number, nothing, plain)
    return { kind: 'sealed', session: this.id, number, box }
  }

  #decode(plain: Uint8Array): MemberMessage {
    try {
      return decodeMemberMessage(plain)
    } catch (error) {
      this.#watch.unreadable()
      throw error
    }
  }

  #takeVersion(payload: Uint8Array): void {
    this.peerVersion = new TextDecoder().decode(payload.subarray(0, mostVersionBytes))
  }
}

function ownVersion(): Uint8Array {
  return new TextEncoder().encode(plans.caller.fingerprint)
}
