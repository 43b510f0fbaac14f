/** As it should be, or so bad that staying whole counts for more than looking sharp. */
export type NetworkModeName = 'pictures' | 'bad-network'
export type NetworkModeCause = 'loss' | 'bursts' | 'calm'

export interface NetworkModeChange {
  readonly to: NetworkModeName
  readonly cause: NetworkModeCause
}

/** What goes out in a mode; docs/congestion.md has the table. */
export interface NetworkModeRule {
  /** Of what pictures would get otherwise: the rest is room for repair, and for smaller or fewer pictures that come whole. */
  readonly pictureShare: number
  readonly leastParityPercent: number
  /** Bursts are spread as on a path with a queue. */
  readonly isGentle: boolean
}

const rules: Readonly<Record<NetworkModeName, NetworkModeRule>> = {
  pictures: { pictureShare: 1, leastParityPercent: 0, isGentle: false },
  'bad-network': { pictureShare: 0.75, leastParityPercent: 20, isGentle: true },
}

/** Of the path's own losses: so many for so long make it bad, and more than so many keep it so. */
const badLoss = 0.08
const badForUs = 1_000_000
const calmLoss = 0.04
/** So many pictures lost for good within so long do too, those of one mishap being one. */
const badPictures = 3
const badWithinUs = 6_000_000
const mishapUs = 1_000_000
/** It is over after this long without either. */
const calmUs = 10_000_000

/**
 * When a network counts as bad, with hysteresis: at once on what people notice, and back only after ten seconds of calm, so that what they see does not swing. Pure.
 */
export class NetworkMode {
  #name: NetworkModeName = 'pictures'
  #badSinceUs: number | undefined
  #troubledUs = -Infinity
  /** When pictures were lost, each mishap once. */
  #mishapsUs: number[] = []

  get name(): NetworkModeName {
    return this.#name
  }

  get rule(): NetworkModeRule {
    return rules[this.#name]
  }

  /** A picture was lost for good. */
  pictureLost(nowUs: number): void {
    if (nowUs - (this.#mishapsUs.at(-1) ?? -Infinity) < mishapUs) return
    this.#mishapsUs.push(nowUs)
    if (this.#mishapsUs.length > badPictures) this.#mishapsUs.shift()
    this.#troubledUs = nowUs
  }

  /** Looks at the path's own losses (0 to 1). What has changed, if anything has. */
  update(lossRatio: number, nowUs: number): NetworkModeChange | undefined {
    this.#badSinceUs = lossRatio >= badLoss ? (this.#badSinceUs ?? nowUs) : undefined
    if (lossRatio >= calmLoss) this.#troubledUs = nowUs
    if (this.#name === 'bad-network') {
      return nowUs - this.#troubledUs >= calmUs ? this.#change({ to: 'pictures', cause: 'calm' }) : undefined
    }
    if (this.#badSinceUs !== undefined && nowUs - this.#badSinceUs >= badForUs) {
      return this.#change({ to: 'bad-network', cause: 'loss' })
    }
    const [firstUs] = this.#mishapsUs
    const isOften = this.#mishapsUs.length === badPictures && firstUs !== undefined && nowUs - firstUs <= badWithinUs
    return isOften ? this.#change({ to: 'bad-network', cause: 'bursts' }) : undefined
  }

  #change(change: NetworkModeChange): NetworkModeChange {
    this.#name = change.to
    this.#mishapsUs = []
    return change
  }
}
