import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { bearerSubprotocolPrefix, signalSubprotocol } from '../../src/wire/signal/messages.ts'
import type { Flood, FloodTarget } from './flood-target.ts'
import { paced } from './paced.ts'

const sockets = 8
/** In one write; a socket that takes no more is left alone for a moment. */
const batch = 500
const maxUnsentBytes = 1024 * 1024
const datagramsPerSecond = 20_000
const textsInMessage = 25

/** Messages of signalling as fast as they are taken, with a new session whenever one was ended for it. */
export const signalling: Flood = async (target, signal) => {
  const message = JSON.stringify({ type: 'limit', bitrateBps: 1_000_000 })
  let sent = 0
  let dials = 0
  await Promise.all(
    Array.from({ length: sockets }, async () => {
      while (!signal.aborted) {
        const socket = await join(target, target.viewerToken, signal)
        dials++
        while (!signal.aborted && socket.readyState === WebSocket.OPEN) {
          for (let index = 0; index < batch && socket.bufferedAmount < maxUnsentBytes; index++, sent++) {
            socket.send(message)
          }
          await pause(1)
        }
        socket.terminate()
      }
    }),
  )
  return `${sent} messages in ${dials} sessions`
}

/** Texts that are said as soon as those before are done: each has to reach the disk. */
export const texts: Flood = async (target, signal) => {
  let done = 0
  let dials = 0
  await Promise.all(
    Array.from({ length: sockets }, async () => {
      while (!signal.aborted) {
        const socket = await join(target, target.playerToken, signal)
        const outbox = randomBytes(12).toString('hex')
        dials++
        for (let first = 1; !signal.aborted && socket.readyState === WebSocket.OPEN; first += textsInMessage) {
          const deliveries = Array.from({ length: textsInMessage }, (_, index) => {
            return { do: 'say', sequence: first + index, text: 'z'.repeat(4000) }
          })
          socket.send(JSON.stringify({ type: 'deliver', outbox, deliveries }))
          if (await answered(socket, 'delivered', signal)) done += textsInMessage
        }
        socket.terminate()
      }
    }),
  )
  return `${done} texts of 4,000 characters in ${dials} sessions`
}

/** STUN binding requests of nobody (RFC 8489), and what looks like DTLS and RTP, to the port of all media. */
export const stun: Flood = async ({ udpPort }, signal) => {
  const socket = createSocket('udp4').on('error', () => {})
  const request = stunRequest('stranger:nobody')
  const others = [Buffer.alloc(200, 0x16), Buffer.alloc(200, 0x80), randomBytes(200)]
  let index = 0
  const sent = await paced(datagramsPerSecond, signal, () => {
    randomBytes(12).copy(request, 8)
    const datagram = index++ % 4 === 0 ? (others[(index >> 2) % others.length] as Buffer) : request
    socket.send(Buffer.from(datagram), udpPort, '127.0.0.1')
  })
  socket.close()
  return `${sent} datagrams`
}

/** A session that is greeted and in the lobby. */
async function join(target: FloodTarget, token: string, signal: AbortSignal): Promise<WebSocket> {
  for (;;) {
    const socket = new WebSocket(target.url, [signalSubprotocol, bearerSubprotocolPrefix + token]).on('error', () => {})
    if (await answered(socket, 'ready', signal)) {
      socket.send(JSON.stringify({ type: 'join', lobbyId: target.lobbyId }))
      return socket
    }
    if (signal.aborted) return socket
    socket.terminate()
    await pause(100)
  }
}

/** Whether a message of this type comes before the socket is closed, or all is over. */
async function answered(socket: WebSocket, type: string, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const onMessage = (data: Buffer) => {
    if ((JSON.parse(data.toString()) as { type: string }).type === type) resolve(true)
  }
  const onOver = () => resolve(false)
  socket.on('message', onMessage).once('close', onOver)
  signal.addEventListener('abort', onOver, { once: true })
  if (signal.aborted || socket.readyState === WebSocket.CLOSED) onOver()
  try {
    return await promise
  } finally {
    socket.off('message', onMessage).off('close', onOver)
    signal.removeEventListener('abort', onOver)
  }
}

/** Type, length, magic cookie and transaction, with USERNAME alone: who answers it has to look for whom it means. */
function stunRequest(user: string): Buffer {
  const name = Buffer.from(user.padEnd(Math.ceil(user.length / 4) * 4, '\0'))
  const bytes = Buffer.alloc(24 + name.length)
  bytes.writeUInt16BE(0x0001, 0)
  bytes.writeUInt16BE(4 + name.length, 2)
  bytes.writeUInt32BE(0x2112a442, 4)
  bytes.writeUInt16BE(0x0006, 20)
  bytes.writeUInt16BE(user.length, 22)
  name.copy(bytes, 24)
  return bytes
}
