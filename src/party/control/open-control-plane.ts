import { getRequestListener } from '@hono/node-server'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { sourceOf } from '../../net/udp/source-of.ts'
import { maxPartyMessageBytes } from '../../wire/party/socket.ts'
import { PartyError } from '../contract/party-error.ts'
import type { PartyRegistry } from '../registry/party-registry.ts'
import { createControlApp, usualPaces, type ControlPaces } from './control-app.ts'
import { controlProblem } from './control-problem.ts'
import { ControlSockets } from './control-sockets.ts'
import { KeyedPaces } from './keyed-paces.ts'
import { isLoopback, visitorOf } from './visitor-of.ts'

const timeouts = { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 1000 }
const maxHeadBytes = 16 * 1024
const maxConnections = 10_000
const maxOfAnAddress = 256
const idleMs = 120_000

/** A control plane that listens. */
export interface ControlPlane extends Closable {
  readonly address: AddressInfo
  /** Peers that are connected by WebSocket now. */
  readonly sockets: number
}

/** Opens a control plane of its own on a port: HTTP at the root, WebSockets at `/ws`. Rejects with the error of the bind. */
export async function openControlPlane(options: {
  registry: PartyRegistry
  host: string
  port: number
  clock: Clock
  log: Log
  /** How often an address may register peers, and a peer make or join parties; a few a minute when left out. */
  paces?: ControlPaces | undefined
}): Promise<ControlPlane> {
  const { registry, clock, log } = options
  const app = createControlApp(options)
  const paces = new KeyedPaces(clock, (options.paces ?? usualPaces).parties)
  const sockets = new ControlSockets({ registry, paces, clock, log })
  const upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxPartyMessageBytes })
  const server = createServer({ ...timeouts, maxHeaderSize: maxHeadBytes }, listenerOf(app))
  server.maxConnections = maxConnections
  server.setTimeout(idleMs)
  const open = new Set<Socket>()
  const byAddress = new Map<string, number>()
  server.on('connection', (socket) => {
    const source = sourceOf(socket.remoteAddress ?? '')
    const count = (byAddress.get(source) ?? 0) + 1
    // A proxy on this machine brings everybody.
    if (count > maxOfAnAddress && !isLoopback(source)) return socket.destroy()
    byAddress.set(source, count)
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      const left = (byAddress.get(source) ?? 1) - 1
      if (left > 0) byAddress.set(source, left)
      else byAddress.delete(source)
    })
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', (error) => log.debug('An upgrade failed', { error: messageOf(error) }))
    if (URL.parse(request.url ?? '/', 'http://plane')?.pathname !== '/ws') {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    const visitor = visitorOf(request)
    upgrades.handleUpgrade(request, socket, head, (webSocket) => sockets.accept(webSocket, visitor))
  })
  server.listen({ port: options.port, host: options.host })
  await once(server, 'listening')

  const ending = new Ending(async () => {
    sockets[Symbol.dispose]()
    upgrades.close()
    const closed = once(server, 'close')
    server.close()
    for (const socket of open) socket.destroy()
    await closed
  })
  server.on('error', (error) => void ending.fail(error))
  return {
    address: server.address() as AddressInfo,
    get sockets() {
      return sockets.size
    },
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }

  function listenerOf(answer: typeof app): RequestListener {
    const listener = getRequestListener(async (request, { incoming }) => answer(request, visitorOf(incoming)), {
      overrideGlobalObjects: false,
      errorHandler: () =>
        controlProblem(new PartyError('invalid', 'Cannot understand the address of the request'), log),
    })
    return (request, response) => void listener(request, response)
  }
}
