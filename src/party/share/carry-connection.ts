import type { Socket as DatagramSocket } from 'node:dgram'
import type { Socket } from 'node:net'
import type { ByteStream } from '../../net/streams/byte-stream.ts'
import { StreamError } from '../../net/streams/stream-error.ts'
import { encodeFramed } from '../../wire/party/share.ts'
import type { FramedReader } from './framed-reader.ts'
import { ShareError } from './share-error.ts'

/** Told to the other end with a stream that is given up. */
export const givenUpCode = 0

/** Bytes of a TCP connection both ways over a stream, each way with its own end, until both are over. Neither is left open. */
export async function carryConnection(socket: Socket, stream: ByteStream, reader: FramedReader): Promise<void> {
  socket.on('error', () => stream.reset(givenUpCode))
  const out = (async () => {
    // A program that has said all may not have heard all: the socket is not over with its own end.
    const said = socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>
    for await (const bytes of said) await stream.write(bytes)
    await stream.finish()
  })()
  const back = (async () => {
    for await (const bytes of reader.rest()) {
      if (!socket.write(bytes)) await drained(socket)
    }
    // What the program has not read yet would be lost with the connection.
    await new Promise<void>((resolve) => void socket.end(() => resolve()))
  })()
  try {
    await Promise.all([out, back])
  } catch {
    // One way is broken, and with it the connection: both ends hear of it below.
  } finally {
    stream.reset(givenUpCode)
    socket.destroy()
    await Promise.allSettled([out, back])
  }
}

/** Datagrams of one flow over a stream, each as it is, until the stream ends. Resolves then, and leaves the socket open. */
export async function carryDatagrams(
  stream: ByteStream,
  reader: FramedReader,
  deliver: (bytes: Uint8Array) => void,
): Promise<void> {
  try {
    for (let bytes = await reader.message(); bytes; bytes = await reader.message()) deliver(bytes)
  } catch (error) {
    if (!(error instanceof StreamError) && !(error instanceof ShareError)) throw error
  } finally {
    stream.reset(givenUpCode)
  }
}

/** What waits to be sent of one flow, in bytes: what is more is lost, as on any link that is full. */
const mostWaitingBytes = 128 * 1024

/** Sends one datagram of a flow, or loses it. */
export function sendDatagram(stream: ByteStream, bytes: Uint8Array): void {
  if (stream.buffered + bytes.length > mostWaitingBytes) return
  stream.write(encodeFramed(bytes)).catch(() => {})
}

/** Closes one that may be closed already. */
export function closeQuietly(socket: DatagramSocket): void {
  try {
    socket.close()
  } catch {
    // It is.
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done)
      resolve()
    }
    socket.on('drain', done).on('close', done)
  })
}
