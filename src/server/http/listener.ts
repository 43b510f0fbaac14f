import type { RequestListener } from 'node:http'
import { boundedServer, openHttpPort, usualTimeouts, type HttpPort, type HttpTimeouts } from '../../http/http-port.ts'
import type { Readable } from '../../kernel/readable.ts'
import { ServerError } from '../contract/server-error.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import { paceRequests, type UpgradeListener } from './pace-requests.ts'
import { speakBoth } from './speak-both.ts'
import type { TlsCredentials } from './tls-termination.ts'
import { Turnstile, type Place } from '../../http/turnstile.ts'

/** Not long: to a page whose network has changed meanwhile a kept connection is dead, and the next request waits for it. */
const keepAliveMs = 5000
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
  /** Where the work of who has this token waits; see {@link paceRequests}. All wait where strangers do when left out. */
  placeOf?: (token: string) => Place | undefined
  /** Where work waits for its turn. */
  turnstile?: Turnstile
  /** What HTTPS is spoken with; there is only HTTP when left out. */
  credentials?: Readable<TlsCredentials>
  /** 10 s for a head, 20 s for a request and 60 s of silence when left out. */
  timeouts?: HttpTimeouts
}): Promise<HttpPort> {
  const {
    timeouts = usualTimeouts,
    turnstile = new Turnstile(),
    placeOf = () => undefined,
    limits,
    credentials,
  } = options
  const server = boundedServer(timeouts, { keepAliveTimeout: keepAliveMs, maxConnections })
  const paced = paceRequests(server, { ...options, turnstile, placeOf })
  const both =
    credentials && speakBoth({ ...paced, credentials, limits, handshakeMs: timeouts.headMs, checkMs: timeouts.checkMs })
  server.on('connection', (socket) => {
    limits.opened(socket)
    if (socket.destroyed) return
    if (both) both.accept(socket)
    else paced.serve(socket)
  })
  try {
    return await openHttpPort(server, { port: options.port, host: options.host, backlog, onEnd: () => both?.close() })
  } catch (error) {
    throw bindError(error, options)
  }
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
