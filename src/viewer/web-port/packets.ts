import type { WordsOf } from '../../kernel/monitor/typed-conversation.ts'
import type { AccessUnit, AudioUnit } from '../../media/contract/access-unit.ts'
import {
  encodePadding,
  encodePicture,
  encodePointersPiece,
  encodeSound,
  maxPictureBytes,
} from '../../wire/web-media/host-media-message.ts'
import type { webMedia } from '../../wire/web-media/protocol.ts'
import type { PicturePackets, WirePacket } from '../contract/viewer-wire.ts'

/** A message of the media socket, made once and shared by all viewers. */
export interface MediaMessage extends WirePacket {
  readonly label: keyof WordsOf<typeof webMedia, 'host'>
  readonly full: Uint8Array
}

/** What TCP, IP and the WebSocket's own head add to a message, nearly. */
const headBytes = 56
/** Small enough that whatever comes next does not wait for it. */
const paddingBytes = 512

/** What every probe of every viewer is made of. */
export const padding = messageOf('padding', encodePadding(paddingBytes))

/** The messages of pictures, sound and pointers, for as long as what they tell of is there. */
export class MediaMessages {
  readonly #pictures = new WeakMap<AccessUnit, PicturePackets<MediaMessage>>()
  readonly #sounds = new WeakMap<AudioUnit, MediaMessage>()
  readonly #pointers = new WeakMap<Uint8Array, MediaMessage>()

  picture(unit: AccessUnit): PicturePackets<MediaMessage> {
    let picture = this.#pictures.get(unit)
    if (!picture) {
      const isUsable = unit.data.length > 0 && unit.data.length <= maxPictureBytes
      const encoded = isUsable ? encodePicture(unit) : []
      const packets = encoded.map((full, index) =>
        messageOf(index === 0 ? 'picture' : 'part', full, index === encoded.length - 1),
      )
      picture = { packets, parity: [] }
      this.#pictures.set(unit, picture)
    }
    return picture
  }

  sound(unit: AudioUnit): MediaMessage {
    let message = this.#sounds.get(unit)
    if (!message) {
      message = messageOf('sound', encodeSound(unit))
      this.#sounds.set(unit, message)
    }
    return message
  }

  /** Of where others point, as `encodePointers` writes it. */
  pointers(encoded: Uint8Array): MediaMessage {
    let message = this.#pointers.get(encoded)
    if (!message) {
      message = messageOf('pointers', encodePointersPiece(encoded))
      this.#pointers.set(encoded, message)
    }
    return message
  }
}

function messageOf(label: MediaMessage['label'], full: Uint8Array, marker = false): MediaMessage {
  return { label, full, bytes: full.length + headBytes, marker }
}
