import type { Role } from './member.ts'
import { may } from './rights.ts'

/**
 * Whose voices are heard in a lobby, by choice of its owner. `app`: those who may play are heard by the app. `players`: by the
 * others as well. `everybody`: who may only watch is heard by the others too, and never by the app.
 */
export const voiceChoices = ['app', 'players', 'everybody'] as const
export type VoiceChoice = (typeof voiceChoices)[number]

/** How far voices reach in a lobby. */
export interface VoiceReach {
  readonly choice: VoiceChoice
  /** The app has a microphone. */
  readonly microphone: boolean
}

/** Who hears somebody. */
export interface Audience {
  readonly app: boolean
  /** The others in the lobby. */
  readonly members: boolean
}

/** Who hears somebody with this role. */
export function audienceOf(role: Role, { choice, microphone }: VoiceReach): Audience {
  const mayPlay = may(role, 'play')
  return {
    app: mayPlay && microphone,
    members: mayPlay ? choice !== 'app' : may(role, 'watch') && choice === 'everybody',
  }
}
