import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/**
 * Connects to the X server of a display, as libxcb does it: by the abstract socket, which is the server's for as long
 * as it lives, else by the file. A server in another network namespace that shares /tmp, a container's for instance,
 * does not see the abstract one, picks the same number and puts a file of its own in the place of the first.
 * Rejects with the system's error.
 */
export async function connectToDisplay(displayNumber: number): Promise<Socket> {
  const path = `/tmp/.X11-unix/X${displayNumber}`
  return await connected(`\0${path}`).catch(() => connected(path))
}

async function connected(path: string): Promise<Socket> {
  const socket = connect(path)
  await once(socket, 'connect')
  return socket
}
