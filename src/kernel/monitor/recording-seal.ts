import { equalBytes, type Hash, History } from '../session/auth/history.ts'
import type { SealCheck, SealKey } from '../session/auth/seal.ts'

/** What a seal says of a recording. */
export type SealState =
  /** Nothing stands below it. */
  | { readonly kind: 'unsealed' }
  /** It is as it was, by the key that was given. */
  | { readonly kind: 'whole' }
  | { readonly kind: 'altered'; readonly why: string }

interface Seal {
  readonly lines: number
  /** Of the history of all lines, in hexadecimal. */
  readonly root: string
  readonly signature: string
}

const sealBegin = '{"seal":'
const purpose = new TextEncoder().encode('porchlight recording 1\n')

/**
 * Adds a last line that is signed over the root of all lines before it, as the history of a signed edge is: not a character of
 * them can be changed, none can be left out, added or moved without the key.
 */
export function sealRecording(recording: string, { hash, sign }: SealKey): string {
  const lines = linesOf(recording)
  const root = rootOf(lines, hash)
  const signature = toHex(sign(signedBytes(root, lines.length)))
  const seal: Seal = { lines: lines.length, root: toHex(root), signature }
  return `${recording}${JSON.stringify({ seal })}\n`
}

/** A recording without its seal. */
export function withoutSeal(text: string): string {
  const at = text.lastIndexOf(`\n${sealBegin}`)
  return at < 0 ? text : text.slice(0, at + 1)
}

/** Looks at the seal of a recording. Any text may be given; it never throws. */
export function checkSeal(text: string, { hash, verify }: SealCheck): SealState {
  const recording = withoutSeal(text)
  if (recording.length === text.length) return { kind: 'unsealed' }
  const seal = readSeal(text.slice(recording.length))
  if (!seal) return { kind: 'altered', why: 'its seal cannot be read' }
  const lines = linesOf(recording)
  const root = rootOf(lines, hash)
  if (seal.lines !== lines.length) {
    return { kind: 'altered', why: `it has ${lines.length} lines, and was sealed with ${seal.lines}` }
  }
  if (!equalBytes(root, fromHex(seal.root))) return { kind: 'altered', why: 'its lines are not those that were sealed' }
  const isSigned = verify(signedBytes(root, lines.length), fromHex(seal.signature))
  return isSigned ? { kind: 'whole' } : { kind: 'altered', why: 'its seal is not by this key' }
}

function readSeal(line: string): Seal | undefined {
  try {
    const { seal } = JSON.parse(line) as { readonly seal?: Partial<Seal> | null }
    if (typeof seal?.lines !== 'number' || typeof seal.root !== 'string' || typeof seal.signature !== 'string') {
      return undefined
    }
    return { lines: seal.lines, root: seal.root, signature: seal.signature }
  } catch {
    return undefined
  }
}

/** Each with what ends it, so that nothing between two lines is free. */
function linesOf(recording: string): string[] {
  return recording.split(/(?<=\n)/)
}

function rootOf(lines: readonly string[], hash: Hash): Uint8Array {
  const history = new History(hash)
  const encoder = new TextEncoder()
  for (const line of lines) history.append(encoder.encode(line))
  return history.root()
}

function signedBytes(root: Uint8Array, lines: number): Uint8Array {
  const bytes = new Uint8Array(purpose.length + 4 + root.length)
  bytes.set(purpose)
  new DataView(bytes.buffer).setUint32(purpose.length, lines)
  bytes.set(root, purpose.length + 4)
  return bytes
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Nothing for what is no hexadecimal. */
function fromHex(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) return new Uint8Array()
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
