import { layoutFacts, type SoundLayout, type Speaker } from '../../../../domain/sound-layout.ts'
import { opusFrameSamples } from '../../../contract/access-unit.ts'

/** So much of one channel goes into another. */
interface Route {
  readonly from: number
  readonly to: number
  readonly gain: number
}

const minus3dB = Math.SQRT1_2
const sixteenBits = 32_768

/**
 * Who plays what is meant for a speaker that a layout has not. In stereo this is the downmix of ITU-R BS.775-4 (annex 4, table 2), for
 * each speaker behind or beside as for those of 5.1; low frequencies are left out, as there. What is beside in 7.1 is behind in 5.1,
 * whole, so that it sounds the same in stereo by either way.
 */
const standIns: Readonly<Record<SoundLayout, Partial<Record<Speaker, readonly Speaker[]>>>> = {
  stereo: {
    'front-center': ['front-left', 'front-right'],
    'rear-left': ['front-left'],
    'rear-right': ['front-right'],
    'side-left': ['front-left'],
    'side-right': ['front-right'],
  },
  '5.1': { 'side-left': ['rear-left'], 'side-right': ['rear-right'] },
  '7.1': {},
}
const standInGain: Readonly<Record<SoundLayout, number>> = { stereo: minus3dB, '5.1': 1, '7.1': 1 }

/** Sound of one layout in another: each speaker's where there is that speaker, and else where it belongs best. */
export class ChannelMix {
  readonly #routes: readonly Route[]
  readonly #channels: { readonly from: number; readonly to: number }

  constructor(from: SoundLayout, to: SoundLayout) {
    const [own, others] = [layoutFacts[from].speakers, layoutFacts[to].speakers]
    this.#channels = { from: own.length, to: others.length }
    this.#routes = own.flatMap((speaker, index) => {
      const isThere = others.includes(speaker)
      const players = isThere ? [speaker] : (standIns[to][speaker] ?? [])
      const gain = isThere ? 1 : standInGain[to]
      return players.map((player) => ({ from: index, to: others.indexOf(player), gain }))
    })
  }

  /** Writes 10 ms over what is in `into`, from -1 to 1 or, where sums are louder, more. */
  mix(samples: Int16Array, into: Float32Array): void {
    const { from, to } = this.#channels
    into.fill(0)
    for (const route of this.#routes) {
      const gain = route.gain / sixteenBits
      for (let at = 0; at < opusFrameSamples; at++) {
        const place = at * to + route.to
        into[place] = (into[place] as number) + (samples[at * from + route.from] as number) * gain
      }
    }
  }
}
