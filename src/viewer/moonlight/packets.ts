import { layoutFacts, type SoundLayout } from '../../domain/sound-layout.ts'
import type { AccessUnit, AudioUnit } from '../../media/contract/access-unit.ts'
import { splitOpus } from '../../media/opus-packet.ts'
import type { ParityCoder } from '../../wire/fec/parity-coder.ts'
import { videoHeadBytes, videoUnit, type VideoBlock } from '../../wire/moonlight/video-unit.ts'
import type { PicturePackets, WirePacket } from '../contract/viewer-wire.ts'

/** A datagram of a picture, without what each viewer writes at its beginning; or a packet of sound. */
export type MoonlightPacket = WirePacket &
  (
    | { readonly kind: 'picture'; readonly block: VideoBlock; readonly shard: number; readonly beginsPicture: boolean }
    | SoundPacket
  )

/** 10 ms of sound, whole and in its two halves; those are missing where it cannot be taken apart. */
export interface SoundPacket extends WirePacket {
  readonly kind: 'sound'
  readonly whole: Uint8Array
  readonly halves: readonly Uint8Array[]
}

/** What packets of a picture depend on: viewers with the same share them. */
export interface PacketShape {
  readonly packetBytes: number
  readonly leastParity: number
}

/** Datagrams of pictures with their parity, made once and shared by all viewers that want the same. */
export class MoonlightPackets {
  readonly #coder: ParityCoder
  readonly #pictures = new WeakMap<AccessUnit, Map<number, PicturePackets<MoonlightPacket>>>()
  readonly #sounds = new WeakMap<AudioUnit, SoundPacket>()

  constructor(coder: ParityCoder) {
    this.#coder = coder
  }

  picture(
    unit: AccessUnit,
    { packetBytes, leastParity }: PacketShape,
    parityPercent: number,
  ): PicturePackets<MoonlightPacket> {
    let shapes = this.#pictures.get(unit)
    if (shapes === undefined) this.#pictures.set(unit, (shapes = new Map()))
    const shape = (packetBytes * 256 + leastParity) * 256 + parityPercent
    let picture = shapes.get(shape)
    if (picture === undefined) {
      const options = { packetBytes, leastParity, parityPercent, isKey: unit.key, latencyTenths: 0 }
      const { blocks } = videoUnit(unit.data, options, this.#coder)
      // A client takes a block for lost when the next one begins, so parity goes with its block and not behind them all.
      const packets = blocks.flatMap((block, index) => packetsOf(block, index === 0, index === blocks.length - 1))
      picture = { packets, parity: [] }
      shapes.set(shape, picture)
    }
    return picture
  }

  /** All who get a unit have the layout that it is in. */
  sound(unit: AudioUnit, layout: SoundLayout): SoundPacket {
    let packet = this.#sounds.get(unit)
    if (packet === undefined) {
      const whole = unit.data
      const halves = splitOpus(whole, layoutFacts[layout].opus.streams) ?? []
      packet = { kind: 'sound', whole, halves, bytes: whole.length + 24, marker: false }
      this.#sounds.set(unit, packet)
    }
    return packet
  }
}

function packetsOf(block: VideoBlock, isFirst: boolean, isLast: boolean): MoonlightPacket[] {
  return block.shared.map((shared, shard) => ({
    kind: 'picture',
    block,
    shard,
    beginsPicture: isFirst && shard === 0,
    bytes: videoHeadBytes + shared.length,
    marker: isLast && shard === block.data - 1,
  }))
}
