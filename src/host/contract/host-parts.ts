import type { Producer, SourceSpec } from '../../media/contract/producer.ts'
import type { Display } from '../display/contract/display.ts'
import type { KeyboardLayout } from '../../domain/keyboard-layout.ts'
import type { SoundLayout } from '../../domain/sound-layout.ts'
import type { Size } from '../../domain/size.ts'
import type { LayoutOffer } from '../display/known-layouts.ts'
import type { GamepadPort } from '../gamepad/gamepad.ts'
import type { Shelter } from '../child/shelter.ts'
import type { RunScope, ScopeRequest } from '../run/contract/run-scope.ts'
import type { LobbySound } from '../sound/lobby-sound.ts'

/** What a host is put together from. Whoever opens the host chooses them; everything they return belongs to the host. */
export interface HostParts {
  /** Opens a display, which ends by itself when its server dies or hangs. `directory` is private to it and exists. */
  openDisplay(options: DisplayRequest): Promise<Display>
  /** The keyboard layouts that displays can be given. */
  readonly layouts: readonly LayoutOffer[]
  /** A sound server for one lobby, which is supervised. Undefined where there can be no sound. */
  readonly openSound: ((options: SoundRequest) => Promise<LobbySound>) | undefined
  /** Undefined where there can be no gamepads. */
  readonly gamepads: GamepadPort | undefined
  /** Makes ready what an app and its servers run in. */
  openScope(request: ScopeRequest): Promise<RunScope>
  /** A producer in a media process of its own, which recovers by itself. `id` is good for file names and unique for its life. */
  openProducer(id: string, spec: SourceSpec): Promise<Producer>
  /** A moving picture with some words; cheap, as many share a media process. */
  openWaitingRoom(id: string, text: WaitingRoomText): Producer
}

export interface DisplayRequest {
  readonly directory: string
  readonly size: Size
  readonly layout: KeyboardLayout
  readonly shelter: Shelter
}

export interface SoundRequest {
  /** Of its sink, good for file names. */
  readonly name: string
  readonly layout: SoundLayout
  readonly shelter: Shelter
}

/** What a waiting room says. */
export interface WaitingRoomText {
  readonly title: string
  /** At most 6 of them, at most 46 characters long: what fits into the picture. */
  readonly lines: readonly string[]
}
