import { createServer, type RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { keyFingerprint } from '../../net/identity/key-fingerprint.ts'
import type { ConnectionLimits } from '../http/connection-limits.ts'
import type { ProvedKeys } from '../http/proved-keys.ts'

const maxHeadBytes = 16 * 1024

/**
 * Answers requests of HTTP/1.1 that come on streams of the native transport as the web port answers them: whose they are is known by the
 * key of the channel.
 */
export function channelRequests(options: {
  readonly onRequest: RequestListener
  readonly limits: Pick<ConnectionLimits, 'opened'>
  readonly provedKeys: ProvedKeys
}): (stream: Duplex, publicKey: Uint8Array) => void {
  const { onRequest, limits, provedKeys } = options
  // It listens nowhere: each stream is handed to it.
  const server = createServer({ maxHeaderSize: maxHeadBytes, keepAliveTimeout: 1 }, onRequest)
  server.on('clientError', (_error, stream) => void stream.destroy())
  return (stream, publicKey) => {
    provedKeys.add(stream, { kind: 'key', fingerprint: keyFingerprint(publicKey) })
    // What is counted of a socket is there: where it comes from, and its end.
    limits.opened(stream as Socket)
    if (!stream.destroyed) server.emit('connection', stream)
  }
}
