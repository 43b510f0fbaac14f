import { request as requestPlain, Agent as PlainAgent, type IncomingMessage } from 'node:http'
import { request as requestSecure, Agent as SecureAgent } from 'node:https'
import type { Duplex } from 'node:stream'
import { connect as connectSecurely } from 'node:tls'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { openWebSocket } from '../../http/open-websocket.ts'
import { maxPartyMessageBytes } from '../../wire/party/socket.ts'
import { PartyError } from '../contract/party-error.ts'
import type { PlaneAddress } from '../contract/nearby.ts'
import type { PlaneWay } from '../contract/plane-way.ts'

const connectMs = 5000
const requestMs = 10_000
/** A party of a thousand peers has some 300 KiB. */
const maxAnswerBytes = 4 * 1024 * 1024
const mostConnections = 4

/**
 * The way to a control plane over a network. A certificate with a fingerprint that was told is the one that counts, whoever has signed it,
 * and nothing is sent before it was seen.
 */
export function networkWay({ url, fingerprint }: PlaneAddress, clock: Clock): PlaneWay & Disposable {
  const base = new URL(url)
  // It may be in a folder of its proxy's.
  const placeOf = (path: string) => new URL(base.pathname.replace(/\/$/, '') + path, base)
  const isSecure = base.protocol === 'https:'
  const agent = isSecure ? pinningAgent(fingerprint) : new PlainAgent({ keepAlive: false, maxSockets: mostConnections })
  const unreachable = (error: unknown) =>
    new PartyError('unreachable', `Cannot reach the control plane at ${url}: ${messageOf(error)}`, { cause: error })

  return {
    address: url,
    request({ method, path, token, body }) {
      const { promise, resolve, reject } = Promise.withResolvers<{ status: number; json: unknown }>()
      const text = body === undefined ? '' : JSON.stringify(body)
      const outgoing = (isSecure ? requestSecure : requestPlain)(
        placeOf(path),
        {
          method,
          agent,
          headers: {
            ...(token !== undefined && { Authorization: `Bearer ${token}` }),
            ...(body !== undefined && { 'Content-Type': 'application/json' }),
            'Content-Length': Buffer.byteLength(text),
          },
        },
        (incoming) => void readJson(incoming).then(resolve, (error: unknown) => reject(unreachable(error))),
      )
      const timer = clock.after(requestMs, () => outgoing.destroy(new Error(`no answer within ${requestMs} ms`)))
      outgoing.on('error', (error) => reject(unreachable(error)))
      outgoing.end(text)
      return promise.finally(() => timer.cancel())
    },
    openSocket(subprotocol) {
      return openWebSocket(placeOf('/ws'), {
        subprotocol,
        clock,
        agent,
        // An agent that knows a fingerprint looks for that instead.
        isCertified: true,
        handshakeMs: requestMs,
        mostBytes: Math.max(maxPartyMessageBytes, maxAnswerBytes),
      }).catch((error: unknown) => {
        throw unreachable(error)
      })
    },
    [Symbol.dispose]: () => agent.destroy(),
  }
}

/** Connections to whoever has the certificate of that fingerprint; the usual rules of TLS where there is none. */
function pinningAgent(fingerprint: string | undefined): SecureAgent {
  const agent = new SecureAgent({ keepAlive: false, maxSockets: mostConnections, timeout: connectMs })
  if (fingerprint === undefined) return agent
  const wanted = plain(fingerprint)
  agent.createConnection = (options, done): Duplex => {
    // The name in it says nothing: its fingerprint says all.
    const socket = connectSecurely({ ...(options as object), rejectUnauthorized: false })
    socket.setTimeout(connectMs, () => socket.destroy(new Error(`no connection within ${connectMs} ms`)))
    socket.once('secureConnect', () => {
      socket.setTimeout(0)
      const found = plain(socket.getPeerCertificate().fingerprint256 ?? '')
      if (found === wanted) return done?.(null, socket)
      const error = new Error('its certificate is not the one that was told')
      socket.destroy(error)
      done?.(error, socket)
    })
    socket.once('error', (error) => done?.(error, socket))
    return undefined as unknown as Duplex
  }
  return agent
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase()
}

async function readJson(incoming: IncomingMessage): Promise<{ status: number; json: unknown }> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of incoming) {
    bytes += (part as Buffer).length
    if (bytes > maxAnswerBytes) throw new Error('its answer is too long')
    parts.push(part as Buffer)
  }
  return { status: incoming.statusCode ?? 0, json: JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown }
}
