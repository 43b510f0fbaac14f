/** How many loudspeakers sound is made for; the fewest first. */
export const soundLayouts = ['stereo', '5.1', '7.1'] as const
export type SoundLayout = (typeof soundLayouts)[number]

/** Where a loudspeaker stands, by PulseAudio's names; `lfe` plays low frequencies alone. */
export type Speaker =
  | 'front-left'
  | 'front-right'
  | 'front-center'
  | 'lfe'
  | 'rear-left'
  | 'rear-right'
  | 'side-left'
  | 'side-right'

export interface LayoutFacts {
  /** Whose samples follow each other in PCM: the order of WAVE, FFmpeg and Moonlight's clients. */
  readonly speakers: readonly Speaker[]
  /**
   * How its packets of Opus are made up (RFC 7845, section 5.1.1.2): of so many streams, the first ones of two channels each. `mapping`
   * tells for each speaker which channel of the streams it is.
   */
  readonly opus: { readonly streams: number; readonly coupled: number; readonly mapping: readonly number[] }
}

const inFront = ['front-left', 'front-right'] as const
const around = [...inFront, 'front-center', 'lfe', 'rear-left', 'rear-right'] as const

export const layoutFacts: Readonly<Record<SoundLayout, LayoutFacts>> = {
  stereo: { speakers: inFront, opus: { streams: 1, coupled: 1, mapping: [0, 1] } },
  '5.1': { speakers: around, opus: { streams: 4, coupled: 2, mapping: [0, 1, 4, 5, 2, 3] } },
  '7.1': {
    speakers: [...around, 'side-left', 'side-right'],
    opus: { streams: 5, coupled: 3, mapping: [0, 1, 6, 7, 4, 5, 2, 3] },
  },
}

/** What can be heard of sound in the layout `own` by who takes `asked`: nothing is made up for speakers that it has not. */
export function nearestLayout(asked: SoundLayout, own: SoundLayout): SoundLayout {
  return soundLayouts.indexOf(asked) < soundLayouts.indexOf(own) ? asked : own
}

/** What somebody hears. */
export interface HeardSound {
  /** What their decoder takes, wherever they are. */
  readonly asked: SoundLayout
  /** What of it carries sound; undefined while there is none to be heard. */
  readonly given: SoundLayout | undefined
}
