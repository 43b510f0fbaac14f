import { randomBytes } from 'node:crypto'
import { silentLog } from '../../src/kernel/log.ts'
import { ManualClock } from '../../src/kernel/manual-clock.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { keyPairFrom } from '../../src/net/native/node-crypto.ts'
import type { SignalData } from '../../src/party/contract/party-membership.ts'
import { MemberTalks } from '../../src/party/members/member-talks.ts'
import type { KeyPair } from '../../src/wire/native/noise-crypto.ts'
import type { MemberWord } from '../../src/wire/party/members.ts'
import { encodeKey } from '../../src/wire/wireguard/wireguard-key.ts'

/** A signal on its way. */
export interface PassedSignal {
  readonly from: string
  readonly to: string
  readonly data: SignalData
}

/** One member as the plane knows it. */
export interface PassedMember {
  readonly id: string
  readonly talks: MemberTalks
  readonly heard: { readonly from: string; readonly word: MemberWord }[]
  readonly met: string[]
  /** Why somebody is not met because of the code, as it was found out: "bob other-secret". */
  readonly doubts: string[]
  readonly recorded: string[]
  readonly logged: string[]
}

const delayMs = 20

/** What passes signals between members of one party, in virtual time; a test sees all of it, and can be what a bad one would be. */
export class PassingPlane {
  readonly clock = new ManualClock()
  readonly passed: PassedSignal[] = []
  /** What is to become of a signal; undefined drops it. */
  meddle: (signal: PassedSignal) => PassedSignal | undefined = (signal) => signal
  /** What it tells as the key of one to another. */
  toldKeyOf: (of: string, to: string) => string = (of) => this.keyOf(of)
  readonly #members = new Map<string, PassedMember>()
  readonly #keys = new Map<string, KeyPair>()

  /**
   * Comes into the party, or again after it has forgotten everything but its key. `psk`: of the second part of the party's code, 32 bytes, where it
   * has one.
   */
  join(
    id: string,
    { keys = this.#keys.get(id) ?? keyPairFrom(randomBytes(32)), psk }: { keys?: KeyPair; psk?: Uint8Array } = {},
  ): PassedMember {
    this.#keys.set(id, keys)
    const { clock } = this
    const logged: string[] = []
    const note = (message: string, fields?: object) => void logged.push(`${message} ${JSON.stringify(fields ?? {})}`)
    const lists = {
      heard: [] as PassedMember['heard'],
      met: [] as string[],
      doubts: [] as string[],
      recorded: [] as string[],
    }
    const talks: MemberTalks = new MemberTalks({
      partyId: 'friday',
      ownId: id,
      keys,
      psk,
      isConnected: () => true,
      send: (to, data) => this.pass({ from: id, to, data }),
      onMet: (peerId) => void lists.met.push(peerId),
      onDoubt: (peerId) => void lists.doubts.push(`${peerId} ${talks.doubtOf(peerId) ?? 'none'}`),
      onSaid: (from, word) => void lists.heard.push({ from, word }),
      keepRecording: (_name, recording) => void lists.recorded.push(recording),
      clock,
      random: seededRandom(id.length),
      log: { ...silentLog, info: note, warn: note, debug: note },
    })
    const member = { id, talks, logged, ...lists }
    this.#members.set(id, member)
    this.tellAll()
    return member
  }

  /** Each is told who the others are, by the keys that they have, or, by a bad plane, by those that are told in their place. */
  tellAll(): void {
    for (const { id, talks } of this.#members.values()) {
      const others = [...this.#members.keys()].filter((each) => each !== id)
      talks.follow(others.map((other) => ({ id: other, public_key: this.toldKeyOf(other, id) })))
    }
  }

  keyOf(id: string): string {
    return encodeKey(this.#keys.get(id)?.publicKey ?? new Uint8Array(32))
  }

  pass(signal: PassedSignal): void {
    this.passed.push(signal)
    const what = this.meddle(signal)
    if (what) this.clock.after(delayMs, () => this.deliver(what))
  }

  deliver({ from, to, data }: PassedSignal): void {
    this.#members.get(to)?.talks.hear(from, structuredClone(data))
  }
}
