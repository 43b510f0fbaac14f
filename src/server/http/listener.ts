import { once } from 'node:events'
import { createServer, STATUS_CODES, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { Readable } from '../../kernel/readable.ts'
import { ServerError } from '../contract/server-error.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import { paceRequests, type UpgradeListener } from './pace-requests.ts'
import { speakBoth } from './speak-both.ts'
import type { TlsCredentials } from './tls-termination.ts'
import { Turnstile } from './turnstile.ts'

/** The one web port. Closing it ends every connection, whatever it is doing. */
export interface HttpListener extends Closable {
  readonly address: AddressInfo
}

/** How long a client may take. */
export interface HttpTimeouts {
  /** For the head of a request; before it, for the first byte and the TLS handshake together. */
  readonly headMs: number
  /** For the whole of it. */
  readonly requestMs: number
  /** How often both are looked at. */
  readonly checkMs: number
  /** Without anything going either way, reading an answer for instance. */
  readonly idleMs: number
}

const defaultTimeouts: HttpTimeouts = { headMs: 10_000, requestMs: 20_000, checkMs: 1000, idleMs: 60_000 }
/** Not long: to a page whose network has changed meanwhile a kept connection is dead, and the next request waits for it. */
const keepAliveMs = 5000
const maxHeadBytes = 16 * 1024
/** All that wait are accepted in one turn of the event loop; others wait in the network. */
const backlog = 256
/** More than all limits for strangers, members and the owner together allow. */
const maxConnections = 1536

/**
 * Binds the web port. With credentials it speaks both HTTP and HTTPS: the first byte of a connection tells which. Rejects
 * with ServerError `port-in-use`, `port-forbidden` or `address-not-available`.
 */
export async function openHttpListener(options: {
  port: number
  host: string
  onRequest: RequestListener
  onUpgrade: UpgradeListener
  limits: ConnectionLimits
  /** Whether a token is the owner's, who does not wait behind strangers; it may throw. Nobody's is when left out. */
  isOwners?: (token: string) => boolean
  /** Where work waits for its turn. */
  turnstile?: Turnstile
  /** What HTTPS is spoken with; there is only HTTP when left out. */
  credentials?: Readable<TlsCredentials>
  /** 10 s for a head, 20 s for a request and 60 s of silence when left out. */
  timeouts?: HttpTimeouts
}): Promise<HttpListener> {
  const {
    timeouts = defaultTimeouts,
    turnstile = new Turnstile(),
    isOwners = () => false,
    limits,
    credentials,
  } = options
  const server = createServer({
    headersTimeout: timeouts.headMs,
    requestTimeout: timeouts.requestMs,
    connectionsCheckingInterval: timeouts.checkMs,
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize: maxHeadBytes,
  })
  server.maxConnections = maxConnections
  server.setTimeout(timeouts.idleMs)
  const paced = paceRequests(server, { ...options, turnstile, isOwners })
  const both =
    credentials && speakBoth({ ...paced, credentials, limits, handshakeMs: timeouts.headMs, checkMs: timeouts.checkMs })
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    limits.opened(socket)
    if (socket.destroyed) return
    if (both) both.accept(socket)
    else paced.serve(socket)
  })
  server.on('clientError', answerClientError)

  server.listen({ port: options.port, host: options.host, backlog })
  try {
    await once(server, 'listening')
  } catch (error) {
    throw bindError(error, options)
  }

  const ending = new Ending(async () => {
    both?.close()
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  })
  server.on('error', (error) => void ending.fail(error))
  return {
    address: server.address() as AddressInfo,
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

const clientErrorStatus: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** What is no request at all, or comes too slowly, gets a bare answer where one can still be written. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = clientErrorStatus[error.code ?? ''] ?? 400
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    socket.destroy(),
  )
}

function bindError(error: unknown, { port, host }: { port: number; host: string }): unknown {
  const code = (error as NodeJS.ErrnoException).code
  const where = `port ${port} of ${host}`
  if (code === 'EADDRINUSE') {
    return new ServerError(
      'port-in-use',
      `Cannot listen on ${where}: another program does. Stop it, or choose another port with --port (0 takes any free one).`,
    )
  }
  if (code === 'EACCES') {
    return new ServerError(
      'port-forbidden',
      `Cannot listen on ${where}: ports below 1024 need more rights. Choose another one with --port.`,
    )
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new ServerError(
      'address-not-available',
      `Cannot listen on ${host}: it is no address of this machine. Choose another one with --host (0.0.0.0 is all of them).`,
    )
  }
  return error
}
