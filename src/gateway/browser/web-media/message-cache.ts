import type { AccessUnit, AudioUnit } from '../../../media/access-unit.ts'
import type { PointerBatch } from '../../../domain/player.ts'
import type { WordsOf } from '../../../kernel/monitor/typed-conversation.ts'
import { encodePointers } from '../../../wire/input/pointers-message.ts'
import {
  encodePadding,
  encodePicture,
  encodePointersPiece,
  encodeSound,
  maxPictureBytes,
} from '../../../wire/web-media/host-media-message.ts'
import type { webMedia } from '../../../wire/web-media/protocol.ts'

/** A message of the media socket, made once and shared by all viewers. */
export interface SharedMessage {
  readonly label: keyof WordsOf<typeof webMedia, 'host'>
  readonly full: Uint8Array
  /** With what TCP, IP and the WebSocket's own head add to it, nearly. */
  readonly bytes: number
  /** The picture that this is the last message of. */
  readonly ends: AccessUnit | undefined
}

const headBytes = 56

function messageOf(label: SharedMessage['label'], full: Uint8Array, ends?: AccessUnit): SharedMessage {
  return { label, full, bytes: full.length + headBytes, ends }
}

/** Small enough that whatever comes next does not wait for it. */
const paddingBytes = 512

/** What every probe of every viewer is made of. */
export const padding = messageOf('padding', encodePadding(paddingBytes))

/** The messages of pictures and sound, for as long as the unit itself is there. */
export class MessageCache {
  readonly #video = new WeakMap<AccessUnit, readonly SharedMessage[]>()
  readonly #audio = new WeakMap<AudioUnit, SharedMessage>()
  readonly #pointers = new WeakMap<PointerBatch, SharedMessage>()

  /** Empty for a picture that cannot be sent. */
  video(unit: AccessUnit): readonly SharedMessage[] {
    let messages = this.#video.get(unit)
    if (!messages) {
      const isUsable = unit.data.length > 0 && unit.data.length <= maxPictureBytes
      const encoded = isUsable ? encodePicture(unit) : []
      messages = encoded.map((full, index) =>
        messageOf(index === 0 ? 'picture' : 'part', full, index === encoded.length - 1 ? unit : undefined),
      )
      this.#video.set(unit, messages)
    }
    return messages
  }

  audio(unit: AudioUnit): SharedMessage {
    let message = this.#audio.get(unit)
    if (!message) {
      message = messageOf('sound', encodeSound(unit))
      this.#audio.set(unit, message)
    }
    return message
  }

  pointers(batch: PointerBatch): SharedMessage {
    let message = this.#pointers.get(batch)
    if (!message) {
      message = messageOf('pointers', encodePointersPiece(encodePointers(batch)))
      this.#pointers.set(batch, message)
    }
    return message
  }
}
