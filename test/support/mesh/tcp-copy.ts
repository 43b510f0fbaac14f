import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'

/** Unless another one is named. */
const usualPort = 5201

/** Takes copies of so many bytes at an address of this machine. */
export async function serveCopies(address: string, copyBytes: number, port = usualPort): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    let bytes = 0
    socket.on('data', (data) => {
      bytes += data.length
      if (bytes >= copyBytes) socket.end('done')
    })
  })
  server.listen(port, address)
  await once(server, 'listening')
  return server
}

/** Milliseconds that it takes to copy so many bytes there by TCP, until all of them have come. */
export async function copyTo(address: string, copyBytes: number, port = usualPort): Promise<number> {
  const socket = connect({ host: address, port })
  await once(socket, 'connect')
  const startMs = performance.now()
  const chunk = Buffer.alloc(64 * 1024)
  const done = once(socket, 'data')
  for (let bytes = 0; bytes < copyBytes; bytes += chunk.length) {
    if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), done])
  }
  await done
  socket.destroy()
  return performance.now() - startMs
}
