import { type VideoCodec, codecFacts } from '../domain/video-codec.ts'
import type { EncoderReport } from './link/messages.ts'
import type { EncodingWishes } from './contract/producer.ts'

/** What one encoding takes of an encoder. */
export interface EncodingLoad {
  readonly codec: VideoCodec
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly preset: EncodingWishes['preset']
}

/** Pixels a second of 1280x720 at 60 pictures a second: the unit of a budget. */
export const budgetUnit = 1280 * 720 * 60

/**
 * What software encoders can do beside what they encode pictures of: x264 takes less than half of a core for one unit, the rest is the
 * capture's and the app's.
 */
const unitsPerCore = 1
/** Encoders in hardware do so much at least: four times 1920x1080 at 60 pictures a second. */
const hardwareUnits = 9
const hardwareNames = /_(?:nvenc|vaapi|qsv|amf)$/

/** Any encoder takes more time where quality counts. */
const presetFactor = { latency: 1, quality: 2.5 } as const satisfies Record<EncodingWishes['preset'], number>

/** In pixels a second of the cheapest way to encode. */
export function costOf({ codec, width, height, fps, preset }: EncodingLoad): number {
  return width * height * fps * codecFacts[codec].encodingCost * presetFactor[preset]
}

/** What a machine can encode at once, in units of {@link budgetUnit}. */
export function unitsOf(machine: { cores: number; encoders: readonly EncoderReport[] }): number {
  const hasHardware = machine.encoders.some(({ name, available }) => available && hardwareNames.test(name))
  return Math.max(1, machine.cores * unitsPerCore, hasHardware ? hardwareUnits : 0)
}

/** One producer's part of a budget. */
export interface BudgetShare {
  /** How much more may be encoded on this host. */
  readonly room: number
  /** What the producer's encoders take from now on. */
  spend(cost: number): void
  close(): void
}

interface Share {
  readonly onRoom: () => void
  cost: number
}

/**
 * How much may be encoded on a host at once, by all of its producers. It limits nothing by itself: who wants one encoding more asks
 * for the room first, and is told when there is more of it.
 */
export class EncoderBudget {
  readonly #shares = new Set<Share>()
  #capacity: number

  /** Capacities and costs are pixels a second, see {@link costOf}. */
  constructor(capacity = Infinity) {
    this.#capacity = capacity
  }

  get capacity(): number {
    return this.#capacity
  }

  set capacity(capacity: number) {
    const before = this.#capacity
    this.#capacity = capacity
    if (capacity > before) this.#tellRoom(undefined)
  }

  get spent(): number {
    let spent = 0
    for (const { cost } of this.#shares) spent += cost
    return spent
  }

  get room(): number {
    return this.#capacity - this.spent
  }

  /** `onRoom` is called, in the order of opening, when others have given something back. It must not spend at once. */
  open(onRoom: () => void): BudgetShare {
    const share: Share = { onRoom, cost: 0 }
    this.#shares.add(share)
    const spend = (cost: number) => {
      const before = share.cost
      share.cost = cost
      if (cost < before) this.#tellRoom(share)
    }
    const room = () => this.room
    return {
      get room() {
        return room()
      },
      spend,
      close: () => {
        spend(0)
        this.#shares.delete(share)
      },
    }
  }

  #tellRoom(giver: Share | undefined): void {
    for (const share of this.#shares) if (share !== giver) share.onRoom()
  }
}
