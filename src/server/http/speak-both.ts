import type { Socket } from 'node:net'
import type { Readable } from '../../kernel/readable.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import { awaitFirstBytes, beginsTls } from './first-bytes.ts'
import { openTlsTermination, type TlsCredentials } from './tls-termination.ts'

/** Looks at the first bytes of connections before anything else does. */
export interface BothSpoken {
  /** Takes a connection that was made. */
  accept(socket: Socket): void
  close(): void
}

/** Serves what is plain as it is, and what is inside TLS once the hands are shaken. */
export function speakBoth(options: {
  credentials: Readable<TlsCredentials>
  limits: ConnectionLimits
  /** Calls when a handshake may begin, which costs much; false when there is no room for it. */
  queue: (socket: Socket, work: () => void) => boolean
  /** `bytes` were taken out of the socket. */
  serve: (socket: Socket, bytes?: Buffer) => void
  /** From the opening of a connection to its first byte, and to the end of the handshake where that begins one. */
  handshakeMs: number
  /** How often that is looked at. */
  checkMs: number
}): BothSpoken {
  const { credentials, limits, queue, serve, handshakeMs, checkMs } = options
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
  const shakeHands = (socket: Socket, bytes: Buffer) => {
    socket.pause()
    // Until it has its turn nobody else hears its errors.
    const onError = () => socket.destroy()
    socket.on('error', onError)
    const hasRoom = queue(socket, () => {
      socket.off('error', onError)
      tls.accept(socket, bytes)
    })
    if (!hasRoom) socket.destroy()
  }

  const cutOff = () => {
    const latestMs = performance.now() - handshakeMs
    for (const [socket, openedMs] of waiting) {
      if (openedMs > latestMs && !socket.destroyed) continue
      waiting.delete(socket)
      socket.destroy()
    }
  }
  const checking = setInterval(cutOff, checkMs).unref()
  return {
    accept(socket) {
      waiting.set(socket, performance.now())
      awaitFirstBytes(socket, {
        came(bytes) {
          if (beginsTls(bytes)) return shakeHands(socket, bytes)
          waiting.delete(socket)
          serve(socket, bytes)
        },
        ended: () => void waiting.delete(socket),
      })
    },
    close() {
      clearInterval(checking)
      tls.close()
    },
  }
}
