import type { Socket } from 'node:net'

/** The first byte of a TLS handshake record (RFC 8446, section 5.1). No request of HTTP begins with it. */
export const tlsHandshakeByte = 0x16

/**
 * Waits for the first byte of a connection and calls `onByte` with it, once, with the socket paused and nothing taken out
 * of it. A connection that ends or fails before is destroyed; how long it may take is up to the caller.
 */
export function awaitFirstByte(socket: Socket, onByte: (byte: number) => void): void {
  const onData = (chunk: Buffer) => {
    socket.off('data', onData).off('end', onEnd).off('error', onEnd)
    socket.pause()
    socket.unshift(chunk)
    onByte(chunk[0] ?? 0)
  }
  const onEnd = () => void socket.destroy()
  socket.on('data', onData).on('end', onEnd).on('error', onEnd)
}
