import { randomBytes } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'
import type { Member } from '../../domain/member.ts'
import { derivedToken, hashToken, isTokenOf, newToken } from '../../store/token.ts'
import type { PairedDevices } from './paired-devices.ts'

interface Entry {
  readonly memberId: string
  readonly expiresAtMs: number
  readonly salt: Uint8Array
  /** Of whoever has used it. */
  claimHash: Uint8Array | undefined
}

/** Long enough to take up another device, and short enough for a code on a screen. */
export const handOverLifetimeMs = 5 * 60_000
/** Of one member; the oldest gives way. */
const maxPerMember = 4
const maxEntries = 4096

/**
 * Lets members go on on another device: a ticket, shown as a link or a QR code, is good for one device and five minutes. Who
 * redeems it makes a claim, a secret of their own: asked again with it, because no answer came, they are given the same token.
 */
export class HandOvers {
  readonly #devices: PairedDevices
  readonly #clock: Clock
  /** By the hash of the ticket, in the order in which they expire. */
  readonly #entries = new Map<string, Entry>()

  constructor(options: { readonly devices: PairedDevices; readonly clock: Clock }) {
    this.#devices = options.devices
    this.#clock = options.clock
  }

  /** Tickets that are still good. */
  get size(): number {
    this.#forgetExpired()
    return this.#entries.size
  }

  /** Rejects with MembersError `too-many-devices` when the member has no room for one more, or a StoreError. */
  async issue({ id: memberId }: Member): Promise<{ readonly ticket: string; readonly lifetimeMs: number }> {
    await this.#devices.demandRoom(memberId)
    this.#forgetExpired()
    const own = [...this.#entries].filter(([, entry]) => entry.memberId === memberId)
    for (const [key] of own.slice(0, Math.max(0, own.length - maxPerMember + 1))) this.#entries.delete(key)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size >= maxEntries && oldest !== undefined) this.#entries.delete(oldest)
    const ticket = newToken()
    const expiresAtMs = this.#clock.nowMs() + handOverLifetimeMs
    this.#entries.set(keyOf(ticket), { memberId, expiresAtMs, salt: randomBytes(32), claimHash: undefined })
    return { ticket, lifetimeMs: handOverLifetimeMs }
  }

  /**
   * The token for another device of whoever made the ticket, which is called `name`; undefined for a ticket that is no good. Rejects with
   * MembersError `too-many-devices`, and the ticket is as good as before, or a StoreError.
   */
  async redeem(ticket: string, claim: string, name: string): Promise<string | undefined> {
    this.#forgetExpired()
    const entry = this.#entries.get(keyOf(ticket))
    if (!entry || (entry.claimHash && !isTokenOf(claim, entry.claimHash))) return undefined
    const token = derivedToken(entry.salt, claim)
    const isFirst = !entry.claimHash
    // Taken before it is written down: of two who come at once, one gets it.
    entry.claimHash = hashToken(claim)
    if (!isFirst) return token
    try {
      await this.#devices.add({ memberId: entry.memberId, credential: { kind: 'token', token }, name })
    } catch (error) {
      entry.claimHash = undefined
      throw error
    }
    return token
  }

  #forgetExpired(): void {
    const nowMs = this.#clock.nowMs()
    for (const [key, { expiresAtMs }] of this.#entries) {
      if (expiresAtMs > nowMs) return
      this.#entries.delete(key)
    }
  }
}

/** Looked up by it: how long that takes tells nothing about the tickets. */
function keyOf(ticket: string): string {
  return Buffer.from(hashToken(ticket)).toString('base64')
}
