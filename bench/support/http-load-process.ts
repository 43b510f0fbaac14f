/** Sends small requests as fast as they are answered, and tells the parent how many were. */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { LoadOrder } from './http-load.ts'

const request = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'
/** The last byte of an answer; it is nowhere else in it. */
const end = '!'.charCodeAt(0)

process.on('message', (order: LoadOrder) => {
  let answered = 0
  let isOver = false
  const open: Set<Socket> = new Set()
  const dial = () => {
    const { port, secure, keepAlive } = order
    const socket: Socket = secure
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : connect(port, '127.0.0.1')
    open.add(socket)
    socket.setNoDelay()
    socket.once(secure ? 'secureConnect' : 'connect', () => socket.write(request))
    socket.on('data', (chunk: Buffer) => {
      if (chunk.at(-1) !== end || isOver) return
      answered++
      if (keepAlive) return void socket.write(request)
      socket.destroy()
      dial()
    })
    socket.on('error', (error) => {
      if (!isOver) throw error
    })
    socket.once('close', () => open.delete(socket))
  }
  for (let count = 0; count < order.connections; count++) dial()
  setTimeout(() => {
    isOver = true
    for (const socket of open) socket.destroy()
    process.send?.(answered)
  }, order.durationMs)
})
