/** What a client and the host have agreed on, as far as sending needs it. */
export interface StreamTerms {
  /** What the client says when it connects the control stream, and with the pings that ask for pictures and for sound. */
  readonly connectData: number
  readonly pingPayloads: Readonly<Record<'audio' | 'video', string>>
  /** The keys that it may have; the first control message tells which. */
  readonly keys: readonly StreamKey[]
  readonly packetBytes: number
  readonly leastParity: number
  readonly encrypts: { readonly video: boolean; readonly audio: boolean }
  /** Of one packet of sound. */
  readonly audioPacketMs: 5 | 10
  /** Where their conversation is. */
  readonly position: { readonly states: readonly number[]; readonly orders: readonly number[] }
}

/** The key of one launch. A secret. */
export interface StreamKey {
  readonly launch: string
  /** 16 bytes, hexadecimal. */
  readonly key: string
  readonly keyId: number
}
