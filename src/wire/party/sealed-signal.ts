import * as v from 'valibot'
import { base64Url } from '../base64-url.ts'
import { WireError } from '../wire-error.ts'

/**
 * What two members of a party say to each other, as a control plane passes it on: the `signal_data` of a signal. A handshake of Noise IK
 * (`src/wire/native/noise.ts`), or of IKpsk2 by the second part of the party's code, gives the two a key for each direction; with it each
 * message is sealed under the number that it has:
 *
 *     { "porchlight_sealed": { "kind": "greet",   "session": …, "noise": …, "psk": true } }   the caller's first message
 *     { "porchlight_sealed": { "kind": "greeted", "session": …, "noise": … } }                the other one's
 *     { "porchlight_sealed": { "kind": "doubted", "session": … } }                            the second part is not the same at both
 *     { "porchlight_sealed": { "kind": "sealed",  "session": …, "number": 0, "box": … } }
 *
 * `psk` and `doubted` are in clear, and say to a member why nothing comes of a handshake; nothing is said to who only says so.
 */
const field = 'porchlight_sealed'
/** In base64url; with what stands around it a signal stays below 16 KiB. */
const mostCharacters = 15 * 1024
const mostHandshakeCharacters = 512
/** Of a message under its seal, in bytes. */
export const mostSealedBytes = Math.floor((mostCharacters * 3) / 4) - 16

const bytes = (most: number) =>
  v.pipe(
    v.string(),
    v.maxLength(most, 'wanted fewer bytes'),
    v.regex(/^[\w-]*$/, 'wanted base64url'),
    v.transform((text) => fromBase64Url(text)),
  )
/** Names a handshake and all that follows it, 16 bytes. */
const session = base64Url(16)
const noise = bytes(mostHandshakeCharacters)

const sealedSignal = v.variant('kind', [
  v.object({ kind: v.literal('greet'), session, noise, psk: v.optional(v.boolean(), false) }),
  v.object({ kind: v.literal('greeted'), session, noise }),
  v.object({ kind: v.literal('doubted'), session }),
  v.object({
    kind: v.literal('sealed'),
    session,
    /** From 0 on, in each direction. */
    number: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    box: bytes(mostCharacters),
  }),
])
export type SealedSignal = v.InferOutput<typeof sealedSignal>

export function encodeSealedSignal(signal: SealedSignal): Record<string, unknown> {
  if (signal.kind === 'sealed') return { [field]: { ...signal, box: toBase64Url(signal.box) } }
  if (signal.kind === 'doubted') return { [field]: signal }
  return { [field]: { ...signal, noise: toBase64Url(signal.noise) } }
}

/** Undefined for what is no such signal at all, as others may send. Throws WireError `malformed`. */
export function decodeSealedSignal(data: Readonly<Record<string, unknown>>): SealedSignal | undefined {
  if (!Object.hasOwn(data, field)) return undefined
  const result = v.safeParse(sealedSignal, data[field])
  if (result.success) return result.output
  const [issue] = result.issues
  throw new WireError('malformed', `Cannot read a member's signal: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`)
}

function toBase64Url(data: Uint8Array): string {
  const text = btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(''))
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

function fromBase64Url(text: string): Uint8Array {
  // A last character alone has no byte.
  const whole = text.length % 4 === 1 ? text.slice(0, -1) : text
  return Uint8Array.from(atob(whole.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
}
