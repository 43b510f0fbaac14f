import type { Clock } from '../../kernel/clock.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import type { OfferedRelay } from '../../wire/reach/signals.ts'
import type { Carrier } from '../paths/path.ts'
import type { SigningKey } from '../relay/lease-signing.ts'
import { RelayLink } from '../relay/relay-link.ts'
import type { DatagramSocket } from '../udp/datagram-socket.ts'
import { mostRelays } from '../../wire/reach/signals.ts'

export interface RelayWaysOptions {
  readonly clock: Clock
  readonly key: SigningKey
  readonly origin: string
  /** What reads what comes from that relay, and sends to it. */
  readonly socketTo: (relay: WireAddress) => DatagramSocket
  readonly onPacket: (bytes: Uint8Array, by: Carrier, from: WireAddress) => void
  /** It forwards from now on. */
  readonly onOpen: (carrier: Carrier, relay: WireAddress) => void
  /** It will not any more. */
  readonly onGone: (carrier: Carrier) => void
}

interface Way {
  readonly at: WireAddress
  lease: Uint8Array
  link: RelayLink | undefined
}

/** The ways to one other end through the relays that were offered, each with the newest of its leases. */
export class RelayWays implements Disposable {
  readonly #options: RelayWaysOptions
  readonly #ways = new Map<string, Way>()

  constructor(options: RelayWaysOptions) {
    this.#options = options
  }

  /** Takes leases: the first ones, or those behind them. */
  offer(relays: readonly OfferedRelay[]): void {
    for (const { name, address, port, lease: text } of relays) {
      const lease = Uint8Array.from(Buffer.from(text, 'base64url'))
      const known = this.#ways.get(name)
      if (known && known.at.address === address && known.at.port === port) {
        known.lease = lease
        if (!known.link) this.#open(known)
        continue
      }
      if (known) this.#close(known)
      else if (this.#ways.size >= mostRelays) continue
      const way: Way = { at: { address, port }, lease, link: undefined }
      this.#ways.set(name, way)
      this.#open(way)
    }
  }

  networkChanged(): void {
    for (const { link } of this.#ways.values()) link?.networkChanged()
  }

  [Symbol.dispose](): void {
    for (const way of this.#ways.values()) this.#close(way)
    this.#ways.clear()
  }

  #open(way: Way): void {
    const { clock, key, origin, socketTo, onPacket, onOpen, onGone } = this.#options
    const link = new RelayLink({
      socket: socketTo(way.at),
      clock,
      relay: way.at,
      key,
      origin,
      nextLease: () => way.lease,
      onPacket,
      onState: ({ kind }) => {
        if (way.link === undefined) return
        if (kind === 'admitted') onOpen(way.link, way.at)
        if (kind !== 'closed') return
        onGone(way.link)
        // Another lease may be good.
        way.link = undefined
      },
    })
    way.link = link
  }

  #close(way: Way): void {
    const { link } = way
    way.link = undefined
    if (!link) return
    link[Symbol.dispose]()
    this.#options.onGone(link)
  }
}
