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
    /** How often that is looked at. */
    checkMs: number
  },
): { close(): void } {
  const { credentials, limits, handshakeMs, checkMs } = options
  const serving = server.listeners('connection')
  server.removeAllListeners('connection')
  const serve = (socket: Socket) => {
    for (const listener of serving) listener.call(server, socket)
  }
  /** Connections that are not served yet, and when they were opened. A timer for each would cost more than all else here. */
  const waiting = new Map<Socket, number>()
  const tls = openTlsTermination({
    credentials,
    onSecure(secure, outer) {
      waiting.delete(outer)
      limits.secured(secure, outer)
      serve(secure)
    },
  })

  const cutOff = () => {
    const latestMs = performance.now() - handshakeMs
    for (const [socket, openedMs] of waiting) {
      if (openedMs > latestMs && !socket.destroyed) continue
      waiting.delete(socket)
      socket.destroy()
    }
  }
  const checking = setInterval(cutOff, checkMs).unref()
  server.on('connection', (socket: Socket) => {
    if (socket.destroyed) return
    waiting.set(socket, performance.now())
    awaitFirstBytes(socket, {
      came(bytes) {
        if (beginsTls(bytes)) return tls.accept(socket, bytes)
        waiting.delete(socket)
        serve(socket)
        // What listens now takes them as if they had just come.
        socket.emit('data', bytes)
      },
      ended: () => void waiting.delete(socket),
    })
  })
  return {
    close() {
      clearInterval(checking)
      tls.close()
    },
  }
}
