import type { Socket } from 'node:net'

/** The first byte of a TLS handshake record (RFC 8446, section 5.1). No request of HTTP begins with it. */
const tlsHandshakeByte = 0x16

/** Whether a connection that begins with these bytes begins with a TLS handshake. */
export function beginsTls(bytes: Uint8Array): boolean {
  return bytes[0] === tlsHandshakeByte
}

/** Waits for the first bytes of a connection and takes them out of it. How long that may take is up to the caller. */
export function awaitFirstBytes(
  socket: Socket,
  listener: {
    came(bytes: Buffer): void
    /** It ended or failed before, and was destroyed. */
    ended(): void
  },
): void {
  const onData = (bytes: Buffer) => {
    socket.off('data', onData).off('end', onEnd).off('error', onEnd)
    listener.came(bytes)
  }
  const onEnd = () => {
    socket.destroy()
    listener.ended()
  }
  socket.on('data', onData).on('end', onEnd).on('error', onEnd)
}
