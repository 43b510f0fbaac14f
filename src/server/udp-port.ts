import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { messageOf } from '../kernel/coded-error.ts'
import { ServerError } from './contract/server-error.ts'

/**
 * Makes sure that a UDP port can be bound before the media is told to use it, and returns it. Where `anyElse` allows it,
 * another free one is taken for one that is taken. Rejects with ServerError `port-in-use`.
 */
export async function findUdpPort(options: { port: number; host: string; anyElse: boolean }): Promise<number> {
  const { port, host, anyElse } = options
  try {
    return await bindOnce(port, host)
  } catch (error) {
    if (anyElse) return await bindOnce(0, host)
    throw new ServerError(
      'port-in-use',
      `Cannot use UDP port ${port} of ${host} for media: ${messageOf(error)}. Choose another one with --udp-port.`,
      { cause: error },
    )
  }
}

async function bindOnce(port: number, host: string): Promise<number> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  try {
    socket.bind(port, host)
    await once(socket, 'listening')
    return socket.address().port
  } finally {
    socket.close()
  }
}
