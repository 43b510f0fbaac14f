import type { Timer } from '../../kernel/clock.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'

/** Takes a datagram; false when it is for somebody else. `bytes` are the listener's own. */
export type DatagramListener = (bytes: Uint8Array, from: WireAddress) => boolean

/**
 * One UDP socket that several things share: what looks for paths, what asks for its own address, and the traffic itself, so that
 * what a NAT does to one of them it does to all. They tell their datagrams by the first bytes.
 */
export interface DatagramSocket {
  /** Where it is bound; the address is that of no interface (`0.0.0.0`) when it is bound to all of them. */
  readonly local: WireAddress
  /** Sends, or loses it: whoever needs to know waits for an answer. */
  send(bytes: Uint8Array, to: WireAddress): void
  /** Those who came first are asked first. */
  listen(listener: DatagramListener): Timer
}
