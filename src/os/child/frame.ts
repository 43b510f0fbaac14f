/**
 * What a server and a process of its own say to each other over the socket pair that is descriptor 3 of the process.
 * All numbers are little-endian; times are microseconds of the monotonic clock as float64, exact up to 285 years.
 *
 *     0        4      5
 *     +--------+------+---------
 *     | length | type | body         length: uint32, of type and body together
 *     +--------+------+---------
 *
 *     type 0, heartbeat, from the process: empty; it lives
 *     type 1, control, both ways: one message as JSON; `undefined` is written as null
 *
 * The other types belong to the kind of process.
 */
import { messageOf } from '../../kernel/coded-error.ts'
import { violation } from './child-error.ts'

/** No frame is longer: a 4K key picture at 50 Mbit/s stays far below. */
export const maxFrameBytes = 16 * 1024 * 1024

export const frameHeaderBytes = 5
export const heartbeatType = 0
export const controlType = 1

/** A frame whose body is still to be written, from {@link frameHeaderBytes} on. */
export function frameOf(type: number, bodyBytes: number): Buffer {
  const frame = Buffer.allocUnsafe(frameHeaderBytes + bodyBytes)
  frame.writeUInt32LE(1 + bodyBytes, 0)
  frame[4] = type
  return frame
}

/** The JSON of one message as a whole frame. */
export function encodeControl(message: unknown): Buffer {
  const text = JSON.stringify(message, (_key, value: unknown) => (value === undefined ? null : value))
  const frame = frameOf(controlType, Buffer.byteLength(text))
  frame.write(text, frameHeaderBytes)
  return frame
}

/** The value that a control frame's body carries. Throws ChildError `protocol-violation`. */
export function decodeControl(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw violation(`a control message is not JSON: ${messageOf(error)}`)
  }
}
