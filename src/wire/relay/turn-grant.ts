import * as v from 'valibot'

const text = v.pipe(v.string(), v.nonEmpty(), v.maxLength(256))
const turnGrant = v.object({
  /** RFC 7065. */
  urls: v.pipe(v.array(v.pipe(text, v.regex(/^turns?:/i))), v.minLength(1), v.maxLength(8)),
  username: text,
  credential: text,
  /** Milliseconds since the epoch. */
  expiresMs: v.pipe(v.number(), v.safeInteger()),
})
/** Credentials of a TURN server, and where it is. */
export type TurnGrant = v.InferOutput<typeof turnGrant>

/** Undefined for what is none. */
export function readTurnGrant(plain: Uint8Array): TurnGrant | undefined {
  try {
    const read = v.safeParse(turnGrant, JSON.parse(new TextDecoder().decode(plain)))
    return read.success ? read.output : undefined
  } catch {
    return undefined
  }
}
