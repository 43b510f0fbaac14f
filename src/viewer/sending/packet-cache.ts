import type { PointerBatch } from '../../domain/player.ts'
import type { AccessUnit, AudioUnit } from '../../media/access-unit.ts'
import { encodePointers } from '../../wire/input/pointers-message.ts'
import { packetiseH264 } from '../../wire/rtp/h264-payload.ts'
import { rtpPacketOf, type RtpPacket } from '../../wire/rtp/rtp-packet.ts'
import { packetiseVp8 } from '../../wire/rtp/vp8-payload.ts'

/** RTP packets of pictures and sound, and messages of pointers: made once and shared by all viewers for as long as the unit itself is. */
export class PacketCache {
  readonly #video = new WeakMap<AccessUnit, readonly RtpPacket[]>()
  readonly #pointers = new WeakMap<PointerBatch, Uint8Array>()
  readonly #audio = new WeakMap<AudioUnit, RtpPacket>()

  video(unit: AccessUnit): readonly RtpPacket[] {
    let packets = this.#video.get(unit)
    if (!packets) {
      // Every viewer writes its own VP8 picture ids.
      packets = unit.codec === 'h264' ? packetiseH264(unit.data) : packetiseVp8(unit.data, 0)
      this.#video.set(unit, packets)
    }
    return packets
  }

  /** Where the players point, as everybody in a lobby is told. */
  pointers(batch: PointerBatch): Uint8Array {
    let bytes = this.#pointers.get(batch)
    if (!bytes) {
      bytes = encodePointers(batch)
      this.#pointers.set(batch, bytes)
    }
    return bytes
  }

  audio(unit: AudioUnit): RtpPacket {
    let packet = this.#audio.get(unit)
    if (!packet) {
      packet = rtpPacketOf(unit.data, false)
      this.#audio.set(unit, packet)
    }
    return packet
  }
}
