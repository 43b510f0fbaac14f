import type { EncodingWishes } from '../../../media/contract/producer.ts'
import type { SoundLayout } from '../../../domain/sound-layout.ts'
import type { Size } from '../../../domain/size.ts'
import type { RunRules } from '../../run/contract/run-rules.ts'

/** Something that can run in a lobby. */
export interface App {
  readonly id: string
  readonly title: string
  /** Its icon: a name in the icon themes of the machine, or an absolute path; none when left out. */
  readonly icon?: string
  /** The display it likes best. */
  readonly size: Size
  readonly fps: number
  /** How it would like its pictures to be encoded; as they come when left out. */
  readonly encoding?: EncodingWishes
  /** Why it cannot run here and how to change that, for people; undefined when it can. */
  readonly unavailable: string | undefined
  /** Nice to have: that it cannot run is told where apps are chosen, not as something that is missing here. */
  readonly isExtra?: true
  /** What it has to do without here, and how to change that, for people; nothing when left out. */
  readonly without?: readonly string[]
  readonly source: AppSource
}

/** Where its pictures come from. */
export type AppSource =
  /** Made by the media process itself: nothing runs. */
  | { readonly kind: 'test-pattern'; readonly lines: readonly string[]; readonly tone: SoundLayout | undefined }
  /** Processes on a virtual display. */
  | {
      readonly kind: 'display'
      /** What its sink has; undefined for an app without sound. */
      readonly sound: SoundLayout | undefined
      /** As the user's own program, without limits and once, when left out. */
      readonly rules?: RunRules
      /** The profile of a lobby that names none; `default` when left out. */
      readonly profile?: string
      /** Writes what the app needs into its directory and tells how to start it. */
      prepare(place: LaunchPlace): Promise<Launch>
    }

/** Where one run of an app happens. */
export interface LaunchPlace {
  /** Absolute and private to this run; it exists, and is removed with the lobby. */
  readonly directory: string
  /** The home of the app, which outlives its runs. */
  readonly home: string
}

export type Command = readonly [string, ...string[]]

/** How to start an app that has been prepared. */
export interface Launch {
  /** Undefined, for a container alone: what its image runs by itself. */
  readonly command: Command | undefined
  /** Absolute; where it starts. Its home when left out. */
  readonly directory?: string
  /** Added to the environment that every app gets. */
  readonly env: Readonly<Record<string, string>>
  /** Run on the display each time its size has changed. */
  readonly afterResize: Command | undefined
  /** Run on the display before the app, outside of what it is shut in, until it ends; nothing when left out. */
  readonly beside?: BesideApp
}

/** A program that an app has beside it, a window manager for instance. That it ends changes nothing. */
export interface BesideApp {
  readonly command: Command
  readonly env: Readonly<Record<string, string>>
}
