import { getRequestListener } from '@hono/node-server'
import type { RequestListener } from 'node:http'
import { WebSocketServer } from 'ws'
import { answerPings, frameLimits } from '../../http/frame-limits.ts'
import { boundedServer, openHttpPort, usualTimeouts, type HttpPort } from '../../http/http-port.ts'
import { PlacesOfSources } from '../../http/places-of-sources.ts'
import { endWith, plainAnswer } from '../../http/plain-answer.ts'
import { problemResponse } from '../../http/problem.ts'
import { isLoopback, visitorOf } from '../../http/visitor-of.ts'
import { websocketPipe } from '../../http/websocket-pipe.ts'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { sourceOf } from '../../net/udp/source-of.ts'
import { maxPartyMessageBytes } from '../../wire/party/socket.ts'
import { PartyError } from '../contract/party-error.ts'
import type { PartyRegistry } from '../registry/party-registry.ts'
import type { ControlApp, ControlPaces } from './control-app.ts'
import { controlProblem } from './control-problem.ts'
import { createControlService, type ControlService } from './control-service.ts'
import { answerOfOffer, pathOf, refusalOfOffer } from './socket-offer.ts'

const timeouts = { ...usualTimeouts, idleMs: 120_000 }
const maxConnections = 10_000
const maxOfAnAddress = 256

/** A control plane that listens. */
export interface ControlPlane extends HttpPort, Pick<ControlService, 'sockets' | 'tunnels' | 'gateway'> {}

/** Opens a control plane of its own on a port: HTTP at the root, WebSockets at `/ws` and `/hosts`. Rejects with the error of the bind. */
export async function openControlPlane(options: {
  registry: PartyRegistry
  host: string
  port: number
  clock: Clock
  log: Log
  /** How often an address may register peers, and a peer make or join parties; a few a minute when left out. */
  paces?: ControlPaces | undefined
  /** Whether hosts that nobody can reach may be reached through it; not when left out. */
  isGateway?: boolean | undefined
}): Promise<ControlPlane> {
  const { clock, log } = options
  const service = createControlService(options)
  const upgrades = new WebSocketServer({
    ...frameLimits,
    maxPayload: maxPartyMessageBytes,
    handleProtocols: answerOfOffer,
  })
  const server = boundedServer(timeouts, { maxConnections })
  const places = new PlacesOfSources()
  server.on('request', listenerOf(service.answer))
  server.on('connection', (socket) => {
    const source = sourceOf(socket.remoteAddress ?? '')
    // A proxy on this machine brings everybody.
    if (places.heldBy(source) >= maxOfAnAddress && !isLoopback(source)) return socket.destroy()
    socket.once('close', places.take(source))
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', (error) => log.debug('An upgrade failed', { error: messageOf(error) }))
    const refused = refusalOfOffer(request)
    if (refused) return endWith(socket, plainAnswer(refused))
    const visitor = visitorOf(request)
    const path = pathOf(request)
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', (error) => log.debug('A peer’s socket failed', { error: messageOf(error) }))
      answerPings(webSocket, clock)
      service.accept(websocketPipe(webSocket, clock), {
        source: visitor,
        subprotocol: webSocket.protocol,
        ...(path !== undefined && { path }),
        onPing: (listener) => void webSocket.on('ping', listener),
      })
    })
  })
  const port = await openHttpPort(server, {
    port: options.port,
    host: options.host,
    onEnd: () => {
      service[Symbol.dispose]()
      upgrades.close()
    },
  })
  return {
    ...port,
    get sockets() {
      return service.sockets
    },
    get tunnels() {
      return service.tunnels
    },
    get gateway() {
      return service.gateway
    },
  }

  function listenerOf(answer: ControlApp): RequestListener {
    const listener = getRequestListener(async (request, { incoming }) => answer(request, visitorOf(incoming)), {
      overrideGlobalObjects: false,
      errorHandler: () => {
        const malformed = new PartyError('invalid', 'Cannot understand the address of the request')
        return problemResponse(controlProblem(malformed, log))
      },
    })
    return (request, response) => void listener(request, response)
  }
}
