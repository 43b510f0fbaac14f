import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { bindServer, plainAddress, type BoundServer, type Doorkeeper } from '../contract/bound-server.ts'
import { fingerprintOf } from '../pairing/certificate.ts'
import type { NvHttp } from './nv-http.ts'

export interface NvListenersOptions {
  readonly host: string
  readonly ports: { readonly http: number; readonly https: number }
  readonly credentials: { readonly certificate: string; readonly key: string }
  readonly doorkeeper: Doorkeeper
  readonly answer: NvHttp['answer']
}

/** The certificate of a client and its proof are some 5,000 characters of an address. */
const maxHeadBytes = 16 * 1024
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  maxHeaderSize: maxHeadBytes,
  keepAlive: false,
} as const
/** A client holds a request while its PIN is typed; without anything to do for longer it is gone. */
const idleMs = 6 * 60_000

/** HTTP for whoever comes, and HTTPS for who has a certificate. Rejects with MoonlightError `port-in-use`. */
export async function openNvListeners(options: NvListenersOptions): Promise<{ http: BoundServer; https: BoundServer }> {
  const { host, ports, credentials, doorkeeper, answer } = options
  const take = (request: IncomingMessage, response: ServerResponse) => void respond(request, response, answer)
  const plain = createServer(limits, take)
  const secure = createSecureServer(
    {
      ...limits,
      cert: credentials.certificate,
      key: credentials.key,
      // Clients sign their certificates themselves; which of them counts is decided for each request.
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: 10_000,
    },
    take,
  )
  for (const server of [plain, secure]) server.setTimeout(idleMs)
  const http = await bindServer(plain, { host, port: ports.http }, doorkeeper)
  try {
    return { http, https: await bindServer(secure, { host, port: ports.https }, doorkeeper) }
  } catch (error) {
    await http.close()
    throw error
  }
}

async function respond(request: IncomingMessage, response: ServerResponse, answer: NvHttp['answer']): Promise<void> {
  // Clients reuse no connection well.
  response.setHeader('Connection', 'close')
  if (request.method !== 'GET' || !URL.canParse(request.url ?? '', 'http://host')) {
    response.writeHead(400).end()
    return
  }
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://host')
  const leaving = new AbortController()
  response.once('close', () => leaving.abort())
  const { type, body } = await answer({
    path: pathname,
    query: searchParams,
    address: plainAddress(request.socket.remoteAddress ?? ''),
    localAddress: plainAddress(request.socket.localAddress ?? ''),
    fingerprint: fingerprintOfPeer(request),
    signal: leaving.signal,
  })
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}

function fingerprintOfPeer({ socket }: IncomingMessage): string | undefined {
  if (!('getPeerCertificate' in socket)) return undefined
  // Null once the connection is gone.
  const certificate = (socket as TLSSocket).getPeerCertificate() as { raw?: Uint8Array } | null
  return certificate?.raw && fingerprintOf(certificate.raw)
}
