import type { AccessUnit, AudioUnit } from '../../media/contract/access-unit.ts'
import { paddingPacket, rtpPacketOf, type RtpPacket } from '../../wire/rtp/rtp-packet.ts'
import { videoPayloads } from '../../wire/rtp/video-payload.ts'
import type { PicturePackets } from '../contract/viewer-wire.ts'

/** What every probe of every viewer is made of. */
export const padding = paddingPacket()

/** RTP packets of pictures and sound: made once and shared by all viewers for as long as the unit itself is. */
export class RtpPackets {
  readonly #pictures = new WeakMap<AccessUnit, PicturePackets<RtpPacket>>()
  readonly #sounds = new WeakMap<AudioUnit, RtpPacket>()

  picture(unit: AccessUnit): PicturePackets<RtpPacket> {
    let picture = this.#pictures.get(unit)
    if (!picture) {
      picture = { packets: videoPayloads[unit.codec].packetise(unit.data), parity: [] }
      this.#pictures.set(unit, picture)
    }
    return picture
  }

  sound(unit: AudioUnit): RtpPacket {
    let packet = this.#sounds.get(unit)
    if (!packet) {
      packet = rtpPacketOf(unit.data, false)
      this.#sounds.set(unit, packet)
    }
    return packet
  }
}
