import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { chmod } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { type Closable, Ending } from '../../kernel/ending.ts'
import { ConversationMonitor } from '../../kernel/monitor/conversation.ts'
import { receiver } from '../../kernel/monitor/conversation-peer.ts'
import { inletProof } from '../../media/contract/unit-inlets.ts'
import {
  decodeFlowingVideo,
  decodeFlowOver,
  flowingVideoType,
  flowOverType,
  parseGreeting,
  type FlowingVideo,
  type FlowName,
  unitLink,
  viewersPlan,
} from '../../media/link/unit-link.ts'
import { violation } from '../../os/child/child-error.ts'
import { controlType, decodeControl } from '../../os/child/frame.ts'
import { FrameSplitter } from '../../os/child/frame-splitter.ts'

export interface UnitInletOptions {
  readonly path: string
  readonly key: string
  readonly events: UnitInletEvents
}

export interface UnitInletEvents {
  video(media: number, frame: FlowingVideo): void
  over(media: number, flow: FlowName): void
  /** That media process has gone, or its way. */
  lost(media: number): void
  /** Somebody said what no media process says. */
  fault(error: unknown): void
}

/** More media processes than a machine can run. */
const mostConnections = 1024
/** Who has not said by now who it is has nothing to say, in milliseconds. */
const greetingLimitMs = 5000

/** Where media processes come with pictures. Rejects with what `listen` fails with. */
export async function openUnitInlet(options: UnitInletOptions): Promise<Closable> {
  const { path, events } = options
  const byMedia = new Map<number, Socket>()
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    receive(socket, options, byMedia)
    socket.once('close', () => sockets.delete(socket))
  })
  server.maxConnections = mostConnections
  server.listen(path)
  await once(server, 'listening')
  // Its directory is shut to others already.
  await chmod(path, 0o600)
  server.on('error', (error) => events.fault(error))
  const ending = new Ending(async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  })
  return { closed: ending.closed, close: (reason) => ending.close(reason), [Symbol.asyncDispose]: () => ending.close() }
}

/** Takes what comes on one connection; one that breaks the protocol is ended, and nothing else. */
function receive(socket: Socket, { key, events }: UnitInletOptions, byMedia: Map<number, Socket>): void {
  let media: number | undefined
  const monitor = new ConversationMonitor(viewersPlan)
  const limit = setTimeout(() => socket.destroy(), greetingLimitMs)
  const hear = receiver(unitLink, 'viewers', monitor, {
    greeting: (greeting) => {
      const proof = Buffer.from(inletProof(key, greeting.media))
      if (!timingSafeEqual(proof, Buffer.from(greeting.proof))) throw violation('a way of units has no proof')
      clearTimeout(limit)
      media = greeting.media
      // Another one has taken the place of a process that has died.
      byMedia.get(media)?.destroy()
      events.lost(media)
      byMedia.set(media, socket)
    },
    video: (frame) => events.video(media ?? 0, frame),
    over: (flow) => events.over(media ?? 0, flow),
  })
  const splitter = new FrameSplitter((type, body) => {
    if (type === controlType) hear('greeting', parseGreeting(decodeControl(body)))
    else if (type === flowingVideoType) hear('video', decodeFlowingVideo(body))
    else if (type === flowOverType) hear('over', decodeFlowOver(body))
    else throw violation(`a frame of type ${type} came from a media process`)
  })
  socket.on('data', (chunk: Buffer) => {
    if (socket.destroyed) return
    try {
      splitter.push(chunk)
    } catch (error) {
      socket.destroy()
      events.fault(error)
    }
  })
  socket.on('error', () => {})
  socket.once('close', () => {
    clearTimeout(limit)
    if (media === undefined || byMedia.get(media) !== socket) return
    byMedia.delete(media)
    events.lost(media)
  })
}
