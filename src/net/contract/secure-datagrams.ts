import type { ChannelEnd } from '../../wire/native/sealed-message.ts'

/** How a channel ended. */
export interface ChannelEnding {
  readonly cause: ChannelEnd
  /** This end, or the peer that said so. */
  readonly by: 'here' | 'peer'
  /** For people; at most 200 bytes. */
  readonly reason: string
}

/** An encrypted and authenticated channel of datagrams with one peer, whatever path its packets take. */
export interface SecureDatagrams {
  /** The longest datagram. It never changes while the channel stands. */
  readonly maxBytes: number
  /**
   * Sends one datagram, which arrives once or not at all. False when it did not leave: the channel is over, or nothing takes packets
   * just now. `bytes` can be used again at once. Throws WireError `too-long` for more than {@link maxBytes}.
   */
  send(bytes: Uint8Array): boolean
  /** What comes, in the order in which it comes and nothing twice. The bytes are the receiver's own. */
  onDatagram: (bytes: Uint8Array) => void
  /** By what packets leave now. */
  readonly way: string
  /** Packets leave by another way from now on: what was measured of the former one says nothing of it. */
  onPathChange: (way: string) => void
  /** Ends it after telling the peer. Idempotent. */
  close(cause: ChannelEnd, reason?: string): void
  /** Resolves once it is over. */
  readonly closed: Promise<ChannelEnding>
}
