/** What a client and the host have agreed on, as far as sending needs it. */
export interface StreamTerms {
  /** What the client says when it connects the control stream, and with the pings that ask for pictures and for sound. */
  readonly connectData: number
  readonly pingPayloads: Readonly<Record<'audio' | 'video', string>>
  readonly key: StreamKey
  readonly packetBytes: number
  readonly leastParity: number
  readonly encrypts: { readonly video: boolean; readonly audio: boolean }
  /** Of one packet of sound. */
  readonly audioPacketMs: 5 | 10
  /** Where their conversation is. */
  readonly position: { readonly states: readonly number[]; readonly orders: readonly number[] }
}

/** By which everything of a stream is sealed. A secret. */
interface StreamKey {
  /** 16 bytes, hexadecimal. */
  readonly secret: string
  readonly keyId: number
}
