import * as v from 'valibot'

/** Whose voices are heard in a lobby. */
const sessionId = v.pipe(v.string(), v.minLength(1), v.maxLength(64))

/**
 * `app`: those who may play are heard by the app. `players`: by the others as well. `everybody`: who may only watch is heard
 * by the others too.
 */
export const voiceChoice = v.picklist(['app', 'players', 'everybody'])
export type VoiceChoice = v.InferOutput<typeof voiceChoice>

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
