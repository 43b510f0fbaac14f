/** What a test can find out inside the page; in-page/install-page-probe.ts puts it there. */
export interface PageProbe {
  /** The colours of the picture that is shown, at places given as fractions of its width and height. */
  colours(places: readonly Place[]): readonly Colour[]
  /** The same of the first thumbnail on the wall; undefined while there is none. */
  thumbnailColours(places: readonly Place[]): readonly Colour[] | undefined
  /** How many frames were decoded and shown while so much time passed. */
  count(durationMs: number): Promise<FrameCount>
  /** Counts frames from now on. */
  beginCount(): Promise<void>
  /** The frames since `beginCount`. */
  endCount(): Promise<FrameCount>
  /** Reads the time barcode off so many frames. */
  readTimes(frames: number): Promise<readonly TimeSighting[]>
  /** Looks at every picture from now on. */
  beginWatch(): void
  /** What was seen since `beginWatch`. */
  endWatch(): Watched
  /** A short text that is the same for the same picture, coarsely. */
  fingerprint(): string
  /** What is heard now: how loud a tone of this frequency is, and how loud everything is. */
  hear(frequencyHz: number): Promise<Heard>
  /** The share of the sound that had to be made up because it was not there, while so much time passed. */
  concealment(durationMs: number): Promise<number>
  /** From the moment there was a place for a picture to the first one, in milliseconds; undefined before. */
  readonly firstFrameMs: number | undefined
}

export interface Place {
  readonly x: number
  readonly y: number
}

export interface Watched {
  readonly pictures: number
  /** How light the lightest place of the darkest picture was, 0 to 255; a black picture has none. */
  readonly darkest: number
  /** The longest time from one picture to the next, in milliseconds. */
  readonly longestPauseMs: number
}

/** Red, green, blue, each 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number]

export interface FrameCount {
  readonly decodedFps: number
  readonly shownFps: number
  readonly dropped: number
}

export interface TimeSighting {
  /** What the barcode says: the low 32 bits of the milliseconds since the Unix epoch. */
  readonly time: number
  /** When the browser expects to show the frame, in milliseconds since the Unix epoch. */
  readonly shownAtMs: number
}

export interface Heard {
  /** Level of the tone in decibels, 0 being full scale. */
  readonly toneDb: number
  /** Level of everything together, in decibels. */
  readonly allDb: number
}
