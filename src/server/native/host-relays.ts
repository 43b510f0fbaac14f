import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { RelayGrant, RelayLeases } from '../../gateway/native/contract/relay-leases.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { issueLease, relayIdOf, type SigningKey } from '../../net/relay/lease-signing.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import type { OfferedRelay } from '../../wire/reach/signals.ts'
import { encodePeerMessage } from '../../wire/relay/relay-message.ts'
import type { RelayPlace } from '../config/config-relays.ts'

export interface HostRelaysOptions {
  /** Looked at for each lease. */
  readonly relays: () => readonly RelayPlace[]
  /** Whose signature the relays take. */
  readonly issuer: SigningKey
  /** Sends a datagram to a relay, from wherever. */
  readonly send: (bytes: Uint8Array, to: WireAddress) => void
  readonly clock: Clock
  readonly log: Log
  /** Cryptographically secure. */
  readonly randomBytes: (count: number) => Uint8Array
  /** The IP address of a name; the system's unless given. */
  readonly addressOf?: (host: string) => Promise<string>
}

/** How long a lease is good; relays take none of more than ten minutes. */
const leaseMs = 480_000
/** The next one comes so early that a relay, or the way to it, may be gone for minutes. */
export const renewMs = leaseMs / 3
/** A revocation is one datagram, and can be lost. */
const revokesAtMs = [0, 400, 2000]

/** Issues leases of a host's relays, by its own key or one that it was given. */
export class HostRelays implements RelayLeases, Disposable {
  readonly #options: HostRelaysOptions
  readonly #grants = new Set<RelayGrant>()
  readonly #revoking = new Set<Timer>()

  constructor(options: HostRelaysOptions) {
    this.#options = options
  }

  /** Leases that are good now. */
  get size(): number {
    return this.#grants.size
  }

  grant(
    ends: { readonly host: Uint8Array; readonly viewer: Uint8Array },
    tell: (relays: OfferedRelay[]) => void,
  ): RelayGrant {
    const { relays, clock, randomBytes } = this.#options
    // Of each relay by its name: some may come later, and some go.
    const sessions = new Map<string, number>()
    const sessionAt = (name: string) => {
      const session = sessions.get(name) ?? Buffer.from(randomBytes(6)).readUIntBE(0, 6)
      sessions.set(name, session)
      return session
    }
    let told: OfferedRelay[] = []
    let isOver = false
    const issue = async () => {
      const issuedMs = Math.trunc(clock.epochMs())
      const now = relays()
      for (const name of sessions.keys()) if (!now.some((relay) => relay.name === name)) sessions.delete(name)
      const offered = await Promise.all(
        now.map((relay) => this.offer(relay, { ...ends, session: sessionAt(relay.name), issuedMs })),
      )
      if (isOver) return
      told = offered.flatMap((each) => each ?? [])
      if (told.length > 0) tell(told)
    }
    void issue()
    const renewing = clock.every(renewMs, () => void issue())
    const grant: RelayGrant = {
      revoke: () => {
        if (isOver) return
        isOver = true
        renewing.cancel()
        this.#grants.delete(grant)
        this.revoke(told, ends)
      },
    }
    this.#grants.add(grant)
    return grant
  }

  [Symbol.dispose](): void {
    for (const grant of this.#grants) grant.revoke()
    for (const timer of this.#revoking) timer.cancel()
  }

  /** A lease of that relay, and where it is; undefined where it cannot be found. */
  async offer(
    { name, host, port }: RelayPlace,
    lease: { host: Uint8Array; viewer: Uint8Array; session: number; issuedMs: number },
  ): Promise<OfferedRelay | undefined> {
    const { issuer, log, addressOf = lookUp } = this.#options
    try {
      const address = await addressOf(host)
      const expiresMs = lease.issuedMs + leaseMs
      const signed = issueLease({ kind: 'lease', ...lease, expiresMs, relay: relayIdOf(name) }, issuer)
      return { name, address, port, lease: Buffer.from(signed).toString('base64url') }
    } catch (error) {
      log.warn('A relay cannot be offered', { relay: name, error: messageOf(error) })
      return undefined
    }
  }

  /** Tells the relays that they are over, several times. */
  revoke(told: readonly OfferedRelay[], { host, viewer }: { host: Uint8Array; viewer: Uint8Array }): void {
    const { issuer, send, clock } = this.#options
    const issuedMs = Math.trunc(clock.epochMs())
    for (const { name, address, port, lease } of told) {
      const session = Buffer.from(lease, 'base64url').readUIntBE(4, 6)
      const expiresMs = issuedMs + leaseMs
      const revocation = issueLease(
        { kind: 'revocation', session, issuedMs, expiresMs, relay: relayIdOf(name), host, viewer },
        issuer,
      )
      const bytes = encodePeerMessage({ type: 'revoke', lease: revocation })
      for (const delayMs of revokesAtMs) {
        if (delayMs === 0) send(bytes, { address, port })
        else this.#later(delayMs, () => send(bytes, { address, port }))
      }
    }
  }

  #later(delayMs: number, call: () => void): void {
    const timer = this.#options.clock.after(delayMs, () => {
      this.#revoking.delete(timer)
      call()
    })
    this.#revoking.add(timer)
  }
}

async function lookUp(host: string): Promise<string> {
  return isIP(host) ? host : (await lookup(host)).address
}
