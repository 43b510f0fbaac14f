import { type HeardSound, nearestLayout, type SoundLayout } from '../../domain/sound-layout.ts'
import type { PictureShape, ShapeOffer } from '../../domain/picture-shape.ts'
import type { Closable } from '../../kernel/ending.ts'
import type { Readable } from '../../kernel/readable.ts'
import type { PictureRect } from '../../domain/letterbox.ts'
import type { Still } from './still.ts'
import type { AccessUnit, AudioUnit } from './access-unit.ts'
import type { VideoCodec } from '../../domain/video-codec.ts'
import type { VoicePort } from './voice.ts'

/** What a producer can say of itself. */
export type ProducerState =
  /** Its media process or its source is being opened; nothing comes yet. */
  | { readonly status: 'starting' }
  /** Pictures come when somebody watches. */
  | { readonly status: 'live'; readonly width: number; readonly height: number; readonly fps: number }
  /** It broke and is being started again by its supervisor; `reason` is a sentence for people. */
  | { readonly status: 'down'; readonly reason: string }

/** Where a viewer's pictures and sound go. Both calls return at once: they never wait, throw or block. */
export interface MediaSink {
  video(unit: AccessUnit): void
  audio(unit: AudioUnit): void
}

/** What a viewer asks of a producer. */
export interface WatchRequest {
  /** What the viewer can decode, best first. Empty for one who only listens. */
  readonly codecs: readonly VideoCodec[]
  /** What its path can carry for video now, in bits a second. */
  readonly bitrateBps: number
  readonly audio: boolean
  /** That of the sound, which its decoder was opened for; stereo when left out. */
  readonly soundLayout?: SoundLayout | undefined
  /** Who listens, as a speaker: the own voice is left out of the sound. Nobody who speaks when left out. */
  readonly listener?: string
  /** As the source is and the path can carry it when left out. */
  readonly shape?: PictureShape | undefined
  /**
   * The decoder takes no other size than that of the shape: it is given whatever else is encoded, if need be with fewer pictures a
   * second. To be asked for only what an offer has promised.
   */
  readonly holdsShape?: boolean | undefined
  /**
   * The inlet of the viewer process where the data of its pictures is wanted. The watch is then handed units that went there without
   * it, see `AccessUnit.flow`. Here when left out.
   */
  readonly link?: number | undefined
}

/** The encoding that a watch is fed from now. */
export interface RenditionInfo {
  readonly codec: VideoCodec
  /** FFmpeg's name of the encoder, `libx264` for instance. */
  readonly encoder: string
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly bitrateBps: number
  /** Where in the picture the source is shown; the rest of it is black. */
  readonly content: PictureRect
}

/**
 * One viewer's subscription to a producer. The first picture it delivers is a key picture; a change of rendition also
 * happens at one. It ends by `close()` or, after the last unit, when the producer closes.
 */
export interface Watch {
  /** Undefined until the first picture. */
  readonly rendition: Readable<RenditionInfo | undefined>
  /** Tells what the path can carry for video now; cheap, may be called many times a second. */
  setBitrate(bitrateBps: number): void
  /** What was asked for and what is given instead; undefined while no shape is asked for. */
  readonly shape: Readable<ShapeOffer | undefined>
  /** In which layout the source is heard; undefined while there is no sound of it, or none was asked for. */
  readonly sound: Readable<SoundLayout | undefined>
  /** Asks for another shape, or for none. The change happens at a key picture; a wish that cannot be met now is met later. */
  setShape(shape: PictureShape | undefined): void
  /** Asks for a key picture (PLI); coalesced with others and rate-limited for the rendition. */
  requestKeyframe(): void
  /** The viewer fell behind or lost too much: nothing more comes before the next key picture, which this asks for. */
  resync(): void
  close(): void
}

/** What one viewer sees and hears, of whatever producer. */
export interface PictureChoice {
  /** What became of the shape that was asked for last, of the viewer that came last. */
  readonly shape: Readable<ShapeOffer | undefined>
  /** What the viewer that came last is fed from now. */
  readonly rendition: RenditionInfo | undefined
  /** What it hears; undefined for one who does not listen. */
  readonly heard: HeardSound | undefined
  /** Asks for a shape for all viewers, those to come among them, unless they ask for one themselves; for none when undefined. */
  setShape(shape: PictureShape | undefined): void
  /** What a viewer would get that asked for this now. Costs nothing and promises nothing. */
  offer(request: WatchRequest & { readonly shape: PictureShape }): ShapeOffer
}

/**
 * A source of pictures and sound that many can watch. Captured once and encoded once for each rendition in use, and not
 * at all while nobody watches.
 */
export interface Producer extends Closable {
  readonly id: string
  readonly state: Readable<ProducerState>
  /** Voices of people, into the sound and to what is captured. */
  readonly voices: VoicePort
  watch(request: WatchRequest, sink: MediaSink): Watch
  /** What a watch would get that asked for this now. Costs nothing and promises nothing. */
  offer(request: WatchRequest & { readonly shape: PictureShape }): ShapeOffer
  /**
   * What it shows, small: made of the newest picture, or of one that is taken for it when nobody watches, every two
   * seconds at most however many ask. Undefined when there is nothing to see. Never rejects.
   */
  still(): Promise<Still | undefined>
}

/** How an app would like its pictures to be encoded; what a viewer cannot do or its path cannot carry is not forced. */
export interface EncodingWishes {
  /** Best first; codecs that are not among them come last. None is without a wish: what the viewer likes best. */
  readonly codecs: readonly VideoCodec[]
  /** No rendition gets more, in bits a second; undefined is without a limit. */
  readonly maxBitrateBps: number | undefined
  /** `quality` takes two to four times the processor's time for a better picture of the same bits. */
  readonly preset: 'latency' | 'quality'
}

/** What a producer captures. */
export type SourceSpec = CapturedSpec & {
  /** As it comes when left out. */
  readonly encoding?: EncodingWishes | undefined
}

type CapturedSpec =
  | {
      readonly kind: 'test-pattern'
      readonly width: number
      readonly height: number
      readonly fps: number
      /** Shown large; the frame counter, the time and the moving parts are always there. */
      readonly title: string
      /** Shown below it, the reason for waiting for instance. Up to 6 lines. */
      readonly lines: readonly string[]
      /** A quiet tone in this layout, or silence. */
      readonly tone: SoundLayout | undefined
    }
  | {
      readonly kind: 'x11'
      /** For instance `:51`. */
      readonly display: string
      /** File with the display's authority cookie. */
      readonly authorityFile: string
      readonly fps: number
      /** The sink's monitor, or undefined for no sound. */
      readonly sound: CapturedSound | undefined
    }

/** What is heard of an app, and where it hears. */
export interface CapturedSound {
  /** Address of the sound server. */
  readonly server: string
  readonly cookieFile: string | undefined
  /** The monitor of the sink that the app plays on. */
  readonly source: string
  /** That of the sink. */
  readonly layout: SoundLayout
  /** The sink whose monitor the app records; left out where it has no microphone. */
  readonly microphone?: string | undefined
}

/** In which layout a watch that asks for this is made to listen; undefined when it does not. */
export function soundLayoutOf({ audio, soundLayout = 'stereo' }: WatchRequest): SoundLayout | undefined {
  return audio ? soundLayout : undefined
}

/** What of it is heard of a source whose own sound is in the layout `own`. */
export function heardLayout(request: WatchRequest, own: SoundLayout | undefined): SoundLayout | undefined {
  const asked = soundLayoutOf(request)
  return asked && own && nearestLayout(asked, own)
}

/** The layout of a source's own sound; undefined when it has none. */
export function soundOf(source: SourceSpec): SoundLayout | undefined {
  return source.kind === 'test-pattern' ? source.tone : source.sound?.layout
}
