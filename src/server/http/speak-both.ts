import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from '../../kernel/readable.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import { awaitFirstBytes, beginsTls } from './first-bytes.ts'
import { openTlsTermination, type TlsCredentials } from './tls-termination.ts'

/**
 * Puts the look at the first bytes before what the server does with a connection: it gets what is plain, and what is inside
 * TLS once the hands are shaken. All of its limits, timeouts and events are the same for both.
 */
export function speakBoth(
  server: Server,
  options: {
    credentials: Readable<TlsCredentials>
    limits: ConnectionLimits
    /** From the opening of a connection to its first byte, and to the end of the handshake where that begins one. */
    handshakeMs: number
  },
): { close(): void } {
  const { credentials, limits, handshakeMs } = options
  const serving = server.listeners('connection')
  server.removeAllListeners('connection')
  const serve = (socket: Socket) => {
    for (const listener of serving) listener.call(server, socket)
  }
  const deadlines = new WeakMap<Socket, NodeJS.Timeout>()
  const tls = openTlsTermination({
    credentials,
    onSecure(secure, outer) {
      clearTimeout(deadlines.get(outer))
      limits.secured(secure, outer)
      serve(secure)
    },
  })
  server.on('connection', (socket: Socket) => {
    if (socket.destroyed) return
    const deadline = setTimeout(() => socket.destroy(), handshakeMs)
    deadlines.set(socket, deadline)
    socket.once('close', () => clearTimeout(deadline))
    awaitFirstBytes(socket, (bytes) => {
      if (beginsTls(bytes)) return tls.accept(socket, bytes)
      clearTimeout(deadline)
      serve(socket)
      // What listens now takes them as if they had just come.
      socket.emit('data', bytes)
    })
  })
  return tls
}
