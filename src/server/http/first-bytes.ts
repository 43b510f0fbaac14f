import type { Socket } from 'node:net'

/** The first byte of a TLS handshake record (RFC 8446, section 5.1). No request of HTTP begins with it. */
const tlsHandshakeByte = 0x16

/** Whether a connection that begins with these bytes begins with a TLS handshake. */
export function beginsTls(bytes: Uint8Array): boolean {
  return bytes[0] === tlsHandshakeByte
}

/**
 * Waits for the first bytes of a connection, takes them out of it and calls `onBytes` with them, once. A connection that ends
 * or fails before is destroyed; how long it may take is up to the caller.
 */
export function awaitFirstBytes(socket: Socket, onBytes: (bytes: Buffer) => void): void {
  const onData = (bytes: Buffer) => {
    socket.off('data', onData).off('end', onEnd).off('error', onEnd)
    onBytes(bytes)
  }
  const onEnd = () => void socket.destroy()
  socket.on('data', onData).on('end', onEnd).on('error', onEnd)
}
