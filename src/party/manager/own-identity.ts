import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { partyAdmissions } from '../../domain/party.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { PartyError } from '../contract/party-error.ts'
import type { PlaneToken, TokenShelf } from '../plane/plane-client.ts'

/** At how many control planes tokens are kept; the oldest is forgotten for one more. */
const mostTokens = 16

const address = v.object({ url: v.string(), fingerprint: v.optional(v.string()) })

const kept = v.object({
  my_peer_id: v.pipe(v.string(), v.regex(/^[\w.:-]{1,64}$/)),
  my_party_id: v.optional(v.string()),
  party: v.optional(
    v.object({
      name: v.string(),
      host_id: v.string(),
      created_ms: v.number(),
      joined_ms: v.number(),
      admission: v.picklist(partyAdmissions),
      code: v.optional(v.string()),
      /** The second part of the code; none in a party that was made without, or came to this host without. */
      secret: v.optional(v.string()),
      /** Where its control plane is; this host's own where it is left out. */
      plane: v.optional(address),
      /** The key that each peer was first known by. */
      keys: v.optional(v.record(v.string(), v.string())),
    }),
  ),
  tokens: v.optional(v.array(v.object({ address: v.string(), token: v.string(), expires_ms: v.number() })), []),
})
export type KeptIdentity = v.InferOutput<typeof kept>

/** The party that this machine is in. */
export interface KeptMembership extends NonNullable<KeptIdentity['party']> {
  readonly id: string
}

/** Where the identity outlives a restart. Both may throw. */
export interface IdentityFile {
  /** Undefined where there is none yet. */
  read(): unknown
  write(identity: KeptIdentity): void
}

/**
 * Who this machine is among peers (seed 002, `my_peer_id` and `my_party_id`), and what proves it. What cannot be read is begun anew: the
 * machine is another peer then, which has to join again.
 */
export class OwnIdentity implements TokenShelf {
  readonly #file: IdentityFile
  readonly #log: Log
  #kept: KeptIdentity

  constructor(file: IdentityFile, log: Log) {
    this.#file = file
    this.#log = log
    this.#kept = this.#read() ?? { my_peer_id: randomBytes(8).toString('hex'), tokens: [] }
  }

  get peerId(): string {
    return this.#kept.my_peer_id
  }

  get membership(): KeptMembership | undefined {
    const { my_party_id: id, party } = this.#kept
    return id === undefined || !party ? undefined : { id, ...party }
  }

  /** Throws PartyError `in-a-party`. */
  demandNone(): void {
    const { membership } = this
    if (membership) throw new PartyError('in-a-party', `This host is in "${membership.name}" already: leave it first`)
  }

  /** Throws PartyError `no-party`. */
  demandMembership(): KeptMembership {
    const { membership } = this
    if (!membership) throw new PartyError('no-party', 'This host is in no party')
    return membership
  }

  /** In that party from now on, or in none. Throws what the file throws, and then nothing has changed. */
  setMembership(membership: KeptMembership | undefined): void {
    const { my_party_id: _id, party: _party, ...rest } = this.#kept
    if (!membership) return this.#keep(rest)
    const { id, ...party } = membership
    this.#keep({ ...rest, my_party_id: id, party })
  }

  get(where: string): PlaneToken | undefined {
    const found = this.#kept.tokens.find((each) => each.address === where)
    return found && { token: found.token, expiresMs: found.expires_ms }
  }

  put(where: string, { token, expiresMs }: PlaneToken): void {
    const others = this.#kept.tokens.filter((each) => each.address !== where)
    const tokens = [...others, { address: where, token, expires_ms: expiresMs }].slice(-mostTokens)
    this.#kept = { ...this.#kept, tokens }
    try {
      this.#file.write(this.#kept)
    } catch (error) {
      // It is good until this ends; the next start makes another one.
      this.#log.warn('A token for a control plane cannot be kept', { error: messageOf(error) })
    }
  }

  #keep(identity: KeptIdentity): void {
    this.#file.write(identity)
    this.#kept = identity
  }

  #read(): KeptIdentity | undefined {
    try {
      const found = this.#file.read()
      return found === undefined ? undefined : v.parse(kept, found)
    } catch (error) {
      this.#log.warn('Who this machine was among peers cannot be read: it begins anew', { error: messageOf(error) })
      return undefined
    }
  }
}
