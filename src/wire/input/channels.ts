/**
 * The two data channels of a stream, negotiated out of band by both ends: neither announces them, both create them with
 * these settings. `maxMessageBytes` is the largest message that its codec makes; a larger one breaks the protocol.
 */
export interface InputChannel {
  readonly label: string
  readonly negotiated: true
  readonly id: number
  readonly ordered: boolean
  /** Undefined: reliable. */
  readonly maxRetransmits: number | undefined
  readonly maxMessageBytes: number
}

/** Everything that must arrive, in order: `encodeKeysMessage`, `decodeKeysMessage`. */
export const keysChannel: InputChannel = {
  label: 'keys',
  negotiated: true,
  id: 0,
  ordered: true,
  maxRetransmits: undefined,
  maxMessageBytes: 1 + 4096,
}

/** Motion, of which only the newest counts: `PointerSender`, `PointerReceiver`. */
export const pointerChannel: InputChannel = {
  label: 'pointer',
  negotiated: true,
  id: 1,
  ordered: false,
  maxRetransmits: 0,
  maxMessageBytes: 18,
}
