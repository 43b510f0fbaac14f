import { createServer, type Socket } from 'node:net'
import { mostRtspBytes } from '../../../wire/moonlight/rtsp.ts'
import { WireError } from '../../../wire/wire-error.ts'
import { bindServer, plainAddress, type BoundServer, type Doorkeeper } from '../contract/bound-server.ts'
import type { RtspDesk } from './rtsp-desk.ts'

/** A request comes whole within milliseconds; a connection without one is a client that tests whether there is a host. */
const patienceMs = 10_000

/** One request on each connection, which is closed after its answer. Rejects with MoonlightError `port-in-use`. */
export async function openRtspListener(options: {
  readonly host: string
  readonly port: number
  readonly doorkeeper: Doorkeeper
  readonly desk: Pick<RtspDesk, 'take'>
}): Promise<BoundServer> {
  const { host, port, doorkeeper, desk } = options
  const server = createServer({ allowHalfOpen: true }, (socket) => serve(socket, desk))
  return await bindServer(server, { host, port }, doorkeeper)
}

function serve(socket: Socket, desk: Pick<RtspDesk, 'take'>): void {
  let came = Buffer.alloc(0)
  const timer = setTimeout(() => socket.destroy(), patienceMs)
  socket.once('close', () => clearTimeout(timer))
  socket.on('error', () => socket.destroy())
  socket.on('end', () => socket.end())
  socket.on('data', (chunk) => {
    if (socket.writableEnded) return
    came = Buffer.concat([came, chunk])
    try {
      const answer = desk.take(came, plainAddress(socket.remoteAddress ?? ''))
      // A client reads until the end: what it has not read is lost with a connection that is cut.
      if (answer !== undefined) socket.end(answer)
      else if (came.length > mostRtspBytes) socket.destroy()
    } catch (error) {
      socket.destroy()
      if (!(error instanceof WireError)) throw error
    }
  })
}
