import type { DatagramKind } from '../../wire/native-frames/frame.ts'
import type { ByteStream } from './byte-stream.ts'

/** What carries a transport: an encrypted channel of datagrams, which come once, late, in any order or not at all. */
export interface DatagramChannel {
  /** The longest datagram. */
  readonly maxBytes: number
  /** False when it did not leave. The bytes can be used again at once. */
  send(bytes: Uint8Array): boolean
  onDatagram: (bytes: Uint8Array) => void
  /** By what they leave now, where that is known. */
  readonly way?: string
  onPathChange: (way: string) => void
  close(cause: 'closed' | 'protocol-violation', reason?: string): void
  readonly closed: Promise<{ readonly cause: string; readonly reason: string }>
}

export interface TransportEvents {
  /** The other end has opened a stream. */
  stream(stream: ByteStream): void
  /** One datagram, as it came; its bytes are the taker's own. */
  datagram(kind: DatagramKind, data: Uint8Array): void
  /** Packets of pictures that the other end misses. */
  missing(numbers: readonly number[]): void
  /** The other end cannot go on without a key picture. */
  keyWanted(): void
  /** The other end has said what arrived: the controller knows, and more may have room. */
  reported(): void
  /** What is sent leaves by another path from now on: the controller knows. */
  moved?(): void
}
