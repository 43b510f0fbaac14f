/**
 * What the receiving end of a channel can do beside what every one can, as a datagram of the kind control. It is told some times, as any of
 * them can be lost; a host that has not heard it, or knows nothing of it, goes on without.
 *
 *     | 1 | 0 0 0 0 0 0 0 | takes wide pictures |
 *
 * Bits that are not known here are those of later versions and mean nothing, as does what has another first byte or is shorter.
 */
export interface Abilities {
  /** Pictures of any size as one block (`media-piece.ts`). */
  readonly takesWide: boolean
}

const abilitiesType = 1
const wideBit = 1

export function encodeAbilities({ takesWide }: Abilities): Uint8Array {
  return Uint8Array.of(abilitiesType, takesWide ? wideBit : 0)
}

/** Undefined for what tells something else. */
export function decodeAbilities(message: Uint8Array): Abilities | undefined {
  const [type, bits] = message
  return type === abilitiesType && bits !== undefined ? { takesWide: (bits & wideBit) !== 0 } : undefined
}
