import type { TurnBeside } from '../../src/relay/turn-grants.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import type { DatagramSocket } from '../../src/net/udp/datagram-socket.ts'
import {
  issueLease,
  newSigningKey,
  relayIdOf,
  verifyingKeyOf,
  type SigningKey,
} from '../../src/net/relay/lease-signing.ts'
import { RelayCore, type KeepLeaseRecording } from '../../src/relay/relay-core.ts'
import { defaultRelayLimits, type RelayLimits } from '../../src/relay/relay-limits.ts'
import { isRelayed } from '../../src/wire/relay/relay-message.ts'

/** A relay on a socket, the key of an issuer that it trusts, and leases by that. */
export class SimulatedRelay implements Disposable {
  readonly core: RelayCore
  readonly issuer: SigningKey
  readonly #clock: Clock
  /** All that it sent, by where to. */
  readonly sent: { readonly to: string; readonly bytes: number }[] = []

  constructor(
    socket: DatagramSocket,
    clock: Clock,
    options: {
      limits?: Partial<RelayLimits>
      keepRecording?: KeepLeaseRecording | undefined
      issuer?: SigningKey
      turn?: TurnBeside
    } = {},
  ) {
    this.#clock = clock
    const { issuer = newSigningKey(), keepRecording } = options
    const all = { ...defaultRelayLimits, ...options.limits }
    this.issuer = issuer
    this.core = new RelayCore({
      clock,
      limits: all,
      turn: options.turn,
      trust: {
        issuers: [verifyingKeyOf(this.issuer.publicKey)],
        id: relayIdOf('relay.test'),
        secret: new Uint8Array(32).fill(7),
        longestLeaseMs: all.longestLeaseMs,
      },
      send: (bytes, to) => {
        this.sent.push({ to: `${to.address}:${to.port}`, bytes: bytes.length })
        socket.send(bytes, to)
      },
      tell: () => {},
      keepRecording,
    })
    socket.listen((bytes, from) => {
      if (!isRelayed(bytes)) return false
      this.core.receive(bytes, from)
      return true
    })
  }

  lease(
    ends: { readonly host: SigningKey; readonly viewer: SigningKey },
    options: { session?: number; forMs?: number; relay?: string; by?: SigningKey; kind?: 'lease' | 'revocation' } = {},
  ): Uint8Array {
    const nowMs = Math.trunc(this.#clock.epochMs())
    const lease = {
      kind: options.kind ?? 'lease',
      session: options.session ?? 0x0102_0304_0506,
      issuedMs: nowMs,
      expiresMs: nowMs + (options.forMs ?? 60_000),
      relay: relayIdOf(options.relay ?? 'relay.test'),
      host: ends.host.publicKey,
      viewer: ends.viewer.publicKey,
    } as const
    return issueLease(lease, options.by ?? this.issuer)
  }

  [Symbol.dispose](): void {
    this.core[Symbol.dispose]()
  }
}
