import type { Agent } from 'node:http'
import { WebSocket } from 'ws'
import type { Clock } from '../kernel/clock.ts'
import type { Pipe } from '../kernel/pipe.ts'
import { websocketPipe } from './websocket-pipe.ts'

/** Of a WebSocket's head, on a slow network. */
const usualHandshakeMs = 8000
const mostDetailBytes = 4096

export interface WebSocketOptions {
  readonly subprotocol?: string | undefined
  readonly clock: Clock
  readonly agent?: Agent
  /** Whether whoever answers needs a certificate that others vouch for; not where all that is said is sealed for somebody's key. */
  readonly isCertified: boolean
  readonly handshakeMs?: number
  readonly mostBytes?: number
}

/** Opens a WebSocket at an address of HTTP. Rejects with what the system says, or with what the server answers instead, for people. */
export function openWebSocket(url: string | URL, options: WebSocketOptions): Promise<Pipe> {
  const { subprotocol, clock, agent, isCertified, handshakeMs = usualHandshakeMs, mostBytes } = options
  const { promise, resolve, reject } = Promise.withResolvers<Pipe>()
  const socket = new WebSocket(String(url).replace(/^http/, 'ws'), subprotocol === undefined ? [] : [subprotocol], {
    rejectUnauthorized: isCertified,
    handshakeTimeout: handshakeMs,
    perMessageDeflate: false,
    ...(agent && { agent }),
    ...(mostBytes !== undefined && { maxPayload: mostBytes }),
  })
  socket.on('error', reject)
  socket.once('open', () => {
    // Where the server speaks first, its words may come with its consent: they wait for who listens.
    socket.pause()
    resolve(websocketPipe(socket, clock))
  })
  socket.once('unexpected-response', (request, response) => {
    let text = ''
    const timer = clock.after(handshakeMs, () => request.destroy())
    response.setEncoding('utf8')
    response.on('data', (part: string) => {
      text = (text + part).slice(0, mostDetailBytes)
    })
    response.once('close', () => {
      timer.cancel()
      request.destroy()
      reject(new Error(detailOf(text) ?? `it answers with ${response.statusCode ?? 'nothing that is HTTP'}`))
    })
  })
  return promise
}

/** What a problem (RFC 9457) says; undefined where it is none. */
function detailOf(text: string): string | undefined {
  try {
    const { detail } = JSON.parse(text) as { readonly detail?: unknown }
    return typeof detail === 'string' ? detail.slice(0, 300) : undefined
  } catch {
    return undefined
  }
}
