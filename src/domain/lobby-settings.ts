import type { VoiceChoice } from './audience.ts'
import type { KeyboardLayout } from './keyboard-layout.ts'
import type { Seating } from './seat.ts'
import type { Size } from './size.ts'

/** Whether a lobby comes back, under the same id and with its app started again, when the host is started again. */
export const restartChoices = ['always', 'never'] as const
export type RestartChoice = (typeof restartChoices)[number]

/**
 * What the owner of a lobby decides about it, as one value that is replaced as a whole: it is what the lobby follows, what is
 * written down and what the API shows. Each of them is a value of JSON. Who adds one gives it a schema in
 * `wire/api/lobby-settings.ts` and has it followed in `host/lobby/hosted-lobby.ts`; the rest takes it along.
 */
export interface LobbySettings {
  readonly title: string
  readonly size: Size
  /** Undefined for an app without keyboard. */
  readonly layout: KeyboardLayout | undefined
  readonly stopWhenEveryoneLeaves: boolean
  readonly restart: RestartChoice
  readonly seating: Seating
  readonly voice: VoiceChoice
}

/** What is left out, or undefined, stays as it is. */
export type LobbyChange = { readonly [Key in keyof LobbySettings]?: LobbySettings[Key] | undefined }

/** Those of a lobby for which nothing else is wished; title and size are its app's. */
export const usualSettings: Omit<LobbySettings, 'title' | 'size'> = {
  layout: undefined,
  stopWhenEveryoneLeaves: false,
  restart: 'always',
  seating: 'single',
  voice: 'app',
}

/** The settings with a change in them; the same value when nothing changes. */
export function changedSettings(settings: LobbySettings, change: LobbyChange): LobbySettings {
  const before: LobbyChange = settings
  const differing = Object.entries(change).filter(
    ([key, value]) => value !== undefined && !isSame(value, before[key as keyof LobbyChange]),
  )
  return differing.length === 0 ? settings : { ...settings, ...Object.fromEntries(differing) }
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
