import type { PointerBatch } from '../domain/player.ts'
import type { Closable } from '../kernel/ending.ts'
import type { MediaSink } from '../media/contract/producer.ts'
import { encodePointers } from '../wire/input/pointers-message.ts'
import type { Viewer } from './sending/viewer.ts'
import type { WirePacket } from './contract/viewer-wire.ts'

/** The sending end of one connection as whoever feeds it has it, in this process or in another. */
export interface SendingEnd extends Closable, MediaSink {
  pointers(batch: PointerBatch): void
  /** The most that the viewer wants, 0 for no limit of its own. */
  limit(bitrateBps: number): void
  /** The inlet where it takes pictures, of one in a process that has one: a unit that went there is handed to it without its data. */
  readonly link: number | undefined
  /** What was watched is not any more: no more pictures of it. */
  halt(): void
  /** It does not keep up: pictures that are given now are dropped. */
  readonly congested: boolean
}

/** Where players point, written once for all who are told. */
export class PointerMessages {
  readonly #messages = new WeakMap<PointerBatch, Uint8Array>()

  of(batch: PointerBatch): Uint8Array {
    let message = this.#messages.get(batch)
    if (!message) {
      message = encodePointers(batch)
      this.#messages.set(batch, message)
    }
    return message
  }
}

/** A viewer of this process. */
export function nearEnd<Packet extends WirePacket>(viewer: Viewer<Packet>, pointers: PointerMessages): SendingEnd {
  return {
    congested: false,
    link: undefined,
    halt() {},
    video: (unit) => viewer.video(unit),
    audio: (unit) => viewer.audio(unit),
    pointers: (batch) => viewer.pointers(pointers.of(batch)),
    limit: (bitrateBps) => viewer.limit(bitrateBps),
    closed: viewer.closed,
    close: (reason) => viewer.close(reason),
    [Symbol.asyncDispose]: () => viewer.close(),
  }
}
