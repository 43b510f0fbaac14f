import type { InputMessage } from './input-message.ts'

/** Longest `code` and `key` of a key message, in UTF-8 bytes. */
export const maxKeyNameBytes = 32
/** Longest text of one message, in UTF-8 bytes; {@link splitText} cuts longer ones. */
export const maxTextBytes = 4096
/** Wheel notches of one message are clamped to plus and minus this. */
export const maxWheelNotches = 100
/** Relative motion of one message is clamped to plus and minus this many pixels. */
export const maxRelativePx = 8192

/** Any input message for the reliable channel. Throws WireError `too-long` or `out-of-range`. */
export declare function encodeKeysMessage(message: InputMessage): Uint8Array

/** Throws WireError. */
export declare function decodeKeysMessage(bytes: Uint8Array): InputMessage

/** Cuts text into pieces that fit into one message each, never through a character. */
export declare function splitText(text: string): string[]
