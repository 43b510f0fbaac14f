import { nativeVersion, type NativeRole } from '../../wire/native/packet.ts'

/** What both ends of a handshake have to mean: the protocol, its version, and what the session is for. */
export function nativePrologue(role: NativeRole): Uint8Array {
  return new TextEncoder().encode(`porchlight native ${nativeVersion} ${role}`)
}
