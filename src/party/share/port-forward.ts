import { createSocket, type RemoteInfo, type Socket as DatagramSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { type Closable, Ending } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import type { ByteStream } from '../../net/streams/byte-stream.ts'
import { decodeShareAnswer, encodeShareMessage, portSharing, type ShareProtocol } from '../../wire/party/share.ts'
import { carryConnection, carryDatagrams, closeQuietly, givenUpCode, sendDatagram } from './carry-connection.ts'
import { FramedReader } from './framed-reader.ts'
import { ShareError } from './share-error.ts'

export interface PortForwardOptions {
  readonly protocol: ShareProtocol
  /** As the sharer calls it. */
  readonly port: number
  /** This machine alone, unless another address of it is named. */
  readonly host?: string
  /** 0 for any that is free. */
  readonly localPort: number
  /** Opens a stream to the sharer. Rejects with ShareError. */
  readonly openStream: () => Promise<ByteStream>
  readonly clock: Clock
  readonly log: Log
}

const plan = planConversation(portSharing, 'member')
const loopback = '127.0.0.1'
/** Programs that send from another port each count as another one. */
const mostFlows = 64
const idleMs = 120_000
const lookEveryMs = 10_000

/** A port of this machine that leads to one that another member shares. */
export interface PortForward extends Closable {
  readonly port: number
  readonly isListening: boolean
  /** Listens no more, so that programs are refused at once; connections that there are go on, as long as their stream does. */
  rest(): void
  /** Listens again, at the same port. Rejects with ShareError `port-in-use`. */
  resume(): Promise<void>
}

/** Rejects with ShareError `port-in-use`. */
export function openPortForward(options: PortForwardOptions): Promise<PortForward> {
  return options.protocol === 'tcp' ? forwardConnections(options) : forwardDatagrams(options)
}

async function forwardConnections(options: PortForwardOptions): Promise<PortForward> {
  const { log } = options
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    void lead(socket, options).catch((error: unknown) => {
      log.info('A connection to a shared port came to nothing', { port: options.port, why: messageOf(error) })
      socket.destroy()
    })
  })
  server.on('error', () => {})
  const listen = (at: number) => listening(server, options, () => server.listen(at, options.host ?? loopback))
  const port = await listen(options.localPort)
  return forwardBy(port, {
    isListening: () => server.listening,
    rest: () => void server.close(),
    resume: async () => void (await listen(port)),
    async release() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  })
}

async function lead(socket: Socket, options: PortForwardOptions): Promise<void> {
  const { stream, reader } = await openShared(options)
  await carryConnection(socket, stream, reader)
}

interface Flow {
  readonly stream: Promise<ByteStream>
  usedMs: number
}

async function forwardDatagrams(options: PortForwardOptions): Promise<PortForward> {
  const { clock, log, host = loopback } = options
  let socket: DatagramSocket | undefined
  const flows = new Map<string, Flow>()
  const forget = (key: string) => {
    const flow = flows.get(key)
    flows.delete(key)
    void flow?.stream.then((stream) => stream.reset(givenUpCode)).catch(() => {})
  }
  const open = async (key: string, address: string, port: number) => {
    const { stream, reader } = await openShared(options)
    void carryDatagrams(stream, reader, (bytes) => socket?.send(bytes, port, address, () => {})).finally(() =>
      forget(key),
    )
    return stream
  }
  const hear = (bytes: Uint8Array, { address, port }: RemoteInfo) => {
    const key = `${address} ${port}`
    let flow = flows.get(key)
    if (!flow) {
      if (flows.size >= mostFlows) return
      flow = { stream: open(key, address, port), usedMs: clock.nowMs() }
      flows.set(key, flow)
      flow.stream.catch((error: unknown) => {
        log.info('Datagrams to a shared port come to nothing', { port: options.port, why: messageOf(error) })
        forget(key)
      })
    }
    flow.usedMs = clock.nowMs()
    void flow.stream.then((stream) => sendDatagram(stream, bytes)).catch(() => {})
  }
  const listen = async (at: number) => {
    const opened = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    opened.on('message', hear)
    const port = await listening(opened, options, () => opened.bind(at, host))
    opened.on('error', () => {})
    socket = opened
    return port
  }
  const port = await listen(options.localPort)
  const timer: Timer = clock.every(lookEveryMs, () => {
    for (const [key, { usedMs }] of flows) if (clock.nowMs() - usedMs > idleMs) forget(key)
  })
  const rest = () => {
    if (socket) closeQuietly(socket)
    socket = undefined
    for (const key of flows.keys()) forget(key)
  }
  return forwardBy(port, {
    isListening: () => socket !== undefined,
    rest,
    resume: async () => void (await listen(port)),
    release() {
      timer.cancel()
      rest()
    },
  })
}

/** A stream on which all that follows is the connection's. Rejects with ShareError, in the sharer's sense. */
async function openShared({
  openStream,
  protocol,
  port,
}: PortForwardOptions): Promise<{ stream: ByteStream; reader: FramedReader }> {
  const stream = await openStream()
  const monitor = new ConversationMonitor(plan)
  const reader = new FramedReader(stream.incoming)
  try {
    monitor.sent('open')
    await stream.write(encodeShareMessage({ type: 'open', protocol, port }))
    const said = await reader.message()
    if (!said) throw new ShareError('unreachable', 'The other end has gone')
    const answer = decodeShareAnswer(said)
    monitor.received(answer.type)
    if (answer.type === 'accepted') return { stream, reader }
    throw new ShareError(answer.why, `Port ${port} (${protocol}) was refused: ${refusals[answer.why]}`)
  } catch (error) {
    stream.reset(givenUpCode)
    throw error
  }
}

const refusals = {
  'not-shared': 'it is not shared with this machine',
  'not-there': 'nothing listens there',
  busy: 'it has as many connections as it takes',
} as const

async function listening(
  socket: Server | DatagramSocket,
  { localPort, host = loopback }: Pick<PortForwardOptions, 'localPort' | 'host'>,
  listen: () => void,
): Promise<number> {
  const ready = once(socket, 'listening')
  listen()
  try {
    await ready
  } catch (error) {
    throw new ShareError('port-in-use', `Cannot listen on ${host}:${localPort}: ${messageOf(error)}`, { cause: error })
  }
  const address = socket.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function forwardBy(
  port: number,
  how: {
    readonly isListening: () => boolean
    readonly rest: () => void
    readonly resume: () => Promise<void>
    readonly release: () => Promise<void> | void
  },
): PortForward {
  const ending = new Ending(how.release)
  const close = (reason?: string) => ending.close(reason)
  return {
    port,
    get isListening() {
      return how.isListening()
    },
    rest: () => how.isListening() && how.rest(),
    async resume() {
      if (!ending.begun && !how.isListening()) await how.resume()
    },
    closed: ending.closed,
    close,
    [Symbol.asyncDispose]: () => close(),
  }
}
