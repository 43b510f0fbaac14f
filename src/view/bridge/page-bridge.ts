import { randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { WebSocketServer, type WebSocket } from 'ws'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { Pipe } from '../../kernel/pipe.ts'
import { apiPrefix } from '../../wire/api/resources.ts'
import { maxClientMediaBytes } from '../../wire/web-media/client-media-message.ts'
import { bearerSubprotocolPrefix, maxSignalBytes, signalSubprotocol } from '../../wire/signal/messages.ts'
import { webMediaSubprotocol } from '../../wire/web-media/subprotocol.ts'
import { ticketOf } from '../client-environment.ts'
import { isFinal } from '../contract/view-error.ts'
import type { NativeHost } from '../host/native-host.ts'
import { closeCodeFor } from '../host/pipe-socket.ts'
import { StreamSocket } from '../host/stream-socket.ts'
import { joinSocket } from './join-socket.ts'
import { Turns } from './turns.ts'

/** A file of the page, as it is answered. */
export interface PageFile {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number>>
  readonly bytes: Uint8Array
}

export interface PageBridgeOptions {
  readonly host: NativeHost
  /** The page's file at a path, as for any browser; undefined where there is none. */
  readonly file: (path: string, headers: Headers) => Promise<PageFile | undefined>
  /** What every answer carries; `host` is where the page is. */
  readonly pageHeaders: (host: string) => Readonly<Record<string, string>>
}

/** The page of a host on this machine alone. */
export interface PageBridge extends Closable {
  /** Opens it: has the token in it, which is a secret. */
  readonly url: string
}

/** More streams than this are not open on a channel at once: the event stream of the page is one. */
const requestsAtOnce = 5
/** As the host has them. */
const maxHeadBytes = 16 * 1024
/** Headers that belong to one connection, or to what this end says of itself. */
const ownHeaders: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'authorization',
  'cookie',
  'origin',
  'referer',
  'expect',
  'te',
  'trailer',
  'proxy-authorization',
])

/**
 * Serves the product's own page on loopback, and carries what it says to the host: requests of the API on streams of a channel, the
 * signalling socket as a conversation of its own, the media socket from datagrams. Nothing is decoded or encoded on the way. Only who
 * knows the token gets anything of the host's, and only a page of this very address may ask.
 */
export async function openPageBridge({ host, file, pageHeaders }: PageBridgeOptions): Promise<PageBridge> {
  const token = randomBytes(32).toString('base64url')
  const requests = new Turns(requestsAtOnce)
  const sockets = {
    signal: new WebSocketServer({
      noServer: true,
      maxPayload: maxSignalBytes,
      handleProtocols: () => signalSubprotocol,
    }),
    media: new WebSocketServer({
      noServer: true,
      maxPayload: maxClientMediaBytes,
      handleProtocols: () => webMediaSubprotocol,
    }),
  }
  const server = createServer({ maxHeaderSize: maxHeadBytes })
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const here = `127.0.0.1:${port}`
  const names: ReadonlySet<string> = new Set([here, `localhost:${port}`])

  /** A page elsewhere can point its own name at this machine, and send requests here: neither is answered. */
  const isOwn = ({ headers }: IncomingMessage): boolean =>
    names.has(headers.host ?? '') && (headers.origin === undefined || headers.origin === `http://${headers.host}`)
  const isToken = (text: string | undefined): boolean => {
    const [given, wanted] = [Buffer.from(text ?? ''), Buffer.from(token)]
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    const refuse = (status: number) => void response.writeHead(status, pageHeaders(here)).end()
    if (!isOwn(request)) return refuse(403)
    // A client that was lost asks without a token whether the host is there (seed 003): it is told what is true of the host.
    if (request.method === 'HEAD' && path === `${apiPrefix}/signal`) return await answerKnock(request, response)
    if (path.startsWith('/api/') || path === '/metrics') {
      if (!isToken(/^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1])) return refuse(401)
      return await carry(request, response)
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405)
    const found = await file(path, new Headers({ 'if-none-match': request.headers['if-none-match'] ?? '' }))
    if (!found) return refuse(404)
    response.writeHead(found.status, { ...pageHeaders(here), ...found.headers })
    response.end(request.method === 'HEAD' ? undefined : found.bytes)
  }

  /** Where the host lets this device in no more, the page is told so, as by the host; all else is a network that brings nothing. */
  const fail = (response: ServerResponse, error: unknown): void => {
    if (!isFinal(error) || error.code === 'closed' || response.headersSent) return void response.destroy()
    const { code, message: detail } = error
    const reason = code === 'revoked' || code === 'expired' ? { reason: code } : {}
    const problem = {
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      code: 'unauthenticated',
      detail,
      ...reason,
    }
    response.writeHead(401, { ...pageHeaders(here), 'content-type': 'application/problem+json' })
    response.end(JSON.stringify(problem))
  }

  const answerKnock = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const waited = new AbortController()
    response.once('close', () => waited.abort())
    if (await host.isThere(waited.signal)) response.writeHead(204, { Connection: 'close' }).end()
    else request.socket.destroy()
  }

  /** Asks the host the same. Where that cannot be reached, the page hears what it would hear of a network: nothing. */
  const carry = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const leave = await requests.enter()
    if (response.destroyed) return leave()
    response.once('close', leave)
    const socket = new StreamSocket(await host.openRequest())
    response.once('close', () => socket.destroy())
    if (response.destroyed) return void socket.destroy()
    const asked = httpRequest({
      createConnection: () => socket,
      method: request.method,
      path: request.url,
      headers: { ...headersOnward(request), host: 'localhost', connection: 'close' },
    })
    const answered = new Promise<IncomingMessage>((resolve, reject) =>
      asked.on('response', resolve).on('error', reject),
    )
    const said = pipeline(request, asked).catch(() => {})
    const found = await answered
    const { 'transfer-encoding': _, connection: __, ...headers } = found.headers
    response.writeHead(found.statusCode ?? 502, headers)
    response.flushHeaders()
    await Promise.all([pipeline(found, response), said])
  }

  const enter = async (request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> => {
    const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim())
    const bearer = protocols.find((each) => each.startsWith(bearerSubprotocolPrefix))
    if (!isOwn(request)) return void stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
    const accept = (which: keyof typeof sockets, open: () => Promise<Pipe>) =>
      sockets[which].handleUpgrade(request, stream, head, (socket) => void join(socket, open))
    const media = protocols.includes(webMediaSubprotocol) ? host.takeMedia(ticketOf(protocols) ?? '') : undefined
    if (media) return accept('media', () => Promise.resolve(media))
    if (protocols.includes(signalSubprotocol) && isToken(bearer?.slice(bearerSubprotocolPrefix.length))) {
      return accept('signal', () => host.visit())
    }
    stream.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n')
  }

  const join = async (socket: WebSocket, open: () => Promise<Pipe>): Promise<void> => {
    socket.on('error', () => socket.terminate())
    const onEarly = (data: unknown, isBinary: boolean) => void early.push([data, isBinary])
    const early: [data: unknown, isBinary: boolean][] = []
    socket.on('message', onEarly)
    try {
      const pipe = await open()
      socket.off('message', onEarly)
      joinSocket(socket, pipe)
      for (const [data, isBinary] of early) socket.emit('message', data, isBinary)
    } catch (error) {
      const code = closeCodeFor(error)
      // A socket that never led anywhere is cut, as by a network.
      if (code < 3000) return socket.terminate()
      socket.close(code, (error instanceof Error ? error.message : '').slice(0, 120))
    }
  }

  server.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => fail(response, error))
  })
  server.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy())
    enter(request, stream, head).catch(() => void stream.destroy())
  })
  const ending = new Ending(async () => {
    for (const each of Object.values(sockets)) for (const socket of each.clients) socket.close(1001)
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    for (const each of Object.values(sockets)) for (const socket of each.clients) socket.terminate()
    await closed
  })
  const { lobbyId } = host.welcome
  return {
    url: `http://${here}/#${new URLSearchParams({ token, ...(lobbyId !== null && { lobby: lobbyId }) })}`,
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

function headersOnward({ headers }: IncomingMessage): Record<string, string | string[]> {
  const onward: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !ownHeaders.has(name)) onward[name] = value
  }
  return onward
}
