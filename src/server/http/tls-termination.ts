import type { Socket } from 'node:net'
import { constants } from 'node:crypto'
import { createServer, type SecureContextOptions, type TLSSocket } from 'node:tls'
import type { Readable } from '../../kernel/readable.ts'

/** What the host proves by who it is: PEM, the certificate with those above it, where there are any, behind it. */
export interface TlsCredentials {
  readonly certificate: string
  readonly key: string
}

/** The server's end of TLS, for connections that somebody else has accepted. */
export interface TlsTermination {
  /** Shakes hands on a connection from which its first bytes were taken. What fails to is destroyed. */
  accept(socket: Socket, bytes: Buffer): void
  close(): void
}

/**
 * Speaks TLS 1.2 and up, and HTTP/1.1 inside. New credentials serve the connections that come from then on. Handshakes that
 * take too long are cut off by whoever destroys the socket.
 */
export function openTlsTermination(options: {
  credentials: Readable<TlsCredentials>
  /** The handshake is done; `outer` is what was accepted. */
  onSecure: (secure: TLSSocket, outer: Socket) => void
}): TlsTermination {
  const { credentials, onSecure } = options
  const server = createServer({ ...contextOf(credentials.value), ALPNProtocols: ['http/1.1'] })
  const unsubscribe = credentials.subscribe((renewed) => server.setSecureContext(contextOf(renewed)))
  /** By their two ends: a secured connection does not tell which one it was before. */
  const handshakes = new Map<string, Socket>()
  server.on('secureConnection', (secure) => {
    const outer = handshakes.get(endsOf(secure))
    if (!outer) return void secure.destroy()
    handshakes.delete(endsOf(secure))
    onSecure(secure, outer)
  })
  server.on('tlsClientError', (_, secure) => void secure.destroy())
  return {
    accept(socket, bytes) {
      const ends = endsOf(socket)
      handshakes.set(ends, socket)
      // From here on nobody else hears its errors.
      socket.on('error', () => socket.destroy())
      socket.once('close', () => {
        if (handshakes.get(ends) === socket) handshakes.delete(ends)
      })
      // Nothing can be half closed inside TLS: a client that ends in the middle of a handshake is gone.
      socket.allowHalfOpen = false
      socket.pause()
      socket.unshift(bytes)
      server.emit('connection', socket)
    },
    close: unsubscribe,
  }
}

function contextOf({ certificate, key }: TlsCredentials): SecureContextOptions {
  return {
    cert: certificate,
    key,
    minVersion: 'TLSv1.2',
    // TLS 1.2 could make the host do the expensive part of a handshake again and again on one connection.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  }
}

function endsOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`
}
