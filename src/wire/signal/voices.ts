import * as v from 'valibot'
import { voiceChoices } from '../../domain/audience.ts'

/** Whose voices are heard in a lobby. */
const sessionId = v.pipe(v.string(), v.minLength(1), v.maxLength(64))

export const voiceChoice = v.picklist(voiceChoices)

/** From the host, to everybody in a lobby: sent on entering, and at every change, a few times a second at most. */
export const voicesMessage = v.object({
  type: v.literal('voices'),
  lobbyId: sessionId,
  /** What the owner has chosen. */
  voice: voiceChoice,
  /** Who would hear the one who is told: the app, by a microphone of its own, and the others here. */
  audience: v.object({ app: v.boolean(), members: v.boolean() }),
  /** Sessions that are heard to say something now. */
  speaking: v.array(sessionId),
})
export type VoicesMessage = v.InferOutput<typeof voicesMessage>
