import { WireError } from '../wire-error.ts'

/**
 * The signed right of two ends to use one relay for one session, or its revocation:
 *
 *     | "PL" | version (8): 1 | kind (8): 1 or 2 | session (48) | issued (48) | expires (48) |
 *     | relay (128) | key of the host's end (256) | key of the viewer's end (256) | signature (512) |
 *
 * Times are milliseconds since the epoch. The keys are Ed25519, made for this session: whoever presents the lease proves to hold one of
 * them. The signature is the issuer's, Ed25519 over all that stands before it.
 */
export interface RelayLease {
  readonly kind: 'lease' | 'revocation'
  /** 48 random bits. */
  readonly session: number
  readonly issuedMs: number
  readonly expiresMs: number
  /** Which relay it is for; 16 bytes. */
  readonly relay: Uint8Array
  readonly host: Uint8Array
  readonly viewer: Uint8Array
}

export interface SignedLease {
  readonly lease: RelayLease
  /** What the signature is over. */
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

const signedBytes = 102
export const signatureBytes = 64
export const leaseBytes = signedBytes + signatureBytes
const kinds = ['lease', 'revocation'] as const
/** The upper bytes of a number of 48 bits. */
const upper = 2 ** 32

/** Without its signature. Throws WireError `out-of-range`. */
export function encodeLease({ kind, session, issuedMs, expiresMs, relay, host, viewer }: RelayLease): Uint8Array {
  if (relay.length !== 16 || host.length !== 32 || viewer.length !== 32) {
    throw new WireError('out-of-range', 'Cannot write a lease: wanted a relay of 16 bytes and keys of 32')
  }
  const bytes = new Uint8Array(signedBytes)
  bytes.set([0x50, 0x4c, 1, kinds.indexOf(kind) + 1])
  for (const [at, value] of [session, issuedMs, expiresMs].entries()) writeUint48(bytes, 4 + 6 * at, value)
  bytes.set(relay, 22)
  bytes.set(host, 38)
  bytes.set(viewer, 70)
  return bytes
}

/** Throws WireError: `too-short`, `too-long`, `malformed`. Whether it is signed by whom one trusts is not looked at. */
export function decodeLease(bytes: Uint8Array): SignedLease {
  if (bytes.length < leaseBytes) throw new WireError('too-short', `Cannot read a lease of ${bytes.length} bytes`)
  if (bytes.length > leaseBytes) throw new WireError('too-long', `Cannot read a lease of ${bytes.length} bytes`)
  const kind = kinds[(bytes[3] as number) - 1]
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4c || bytes[2] !== 1 || !kind) {
    throw new WireError('malformed', 'Cannot read a lease: it is of another version or kind')
  }
  return {
    lease: {
      kind,
      session: readUint48(bytes, 4),
      issuedMs: readUint48(bytes, 10),
      expiresMs: readUint48(bytes, 16),
      relay: bytes.slice(22, 38),
      host: bytes.slice(38, 70),
      viewer: bytes.slice(70, 102),
    },
    signed: bytes.slice(0, signedBytes),
    signature: bytes.slice(signedBytes),
  }
}

/** The number of 48 bits there. Without a view of the bytes: each packet of a relay is read by it. */
export function readUint48(bytes: Uint8Array, at: number): number {
  const byte = (offset: number) => bytes[at + offset] ?? 0
  const low = (byte(2) << 24) | (byte(3) << 16) | (byte(4) << 8) | byte(5)
  return ((byte(0) << 8) | byte(1)) * upper + (low >>> 0)
}

/** Throws WireError `out-of-range`. */
export function writeUint48(bytes: Uint8Array, at: number, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 48) {
    throw new WireError('out-of-range', 'Cannot write a number: wanted a whole one of 48 bits')
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 6)
  view.setUint16(0, Math.trunc(value / upper))
  view.setUint32(2, value % upper)
}
