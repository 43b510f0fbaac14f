import type { ClientMessage, ServerMessage } from './messages.ts'

/** The text of a message. */
export declare function encodeSignal(message: ClientMessage | ServerMessage): string

/** Reads what a client sent: at most `maxSignalBytes` of JSON. Throws WireError, whose message repeats nothing of it. */
export declare function decodeClientMessage(data: string | Uint8Array): ClientMessage

/** Reads what the host sent; as {@link decodeClientMessage}. */
export declare function decodeServerMessage(data: string | Uint8Array): ServerMessage
