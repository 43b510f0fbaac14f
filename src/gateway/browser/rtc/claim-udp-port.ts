import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { IceUdpMuxListener, PeerConnection } from 'node-datachannel'
import { messageOf } from '../../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../../kernel/ending.ts'
import { BrowserGatewayError } from '../gateway-error.ts'

/**
 * Takes the one UDP port that all peer connections share, and keeps it also while there is none, so that nobody else can
 * get in between. Rejects with BrowserGatewayError `port-in-use`.
 */
export async function claimUdpPort(udp: { port: number; bindAddress: string | undefined }): Promise<Closable> {
  // The library has only "failed" to say, and on the standard error; a plain socket knows why.
  await tryPort(udp)
  await quieten()
  let listener: IceUdpMuxListener
  try {
    listener = new IceUdpMuxListener(udp.port, udp.bindAddress)
  } catch (error) {
    throw portInUse(udp, error)
  }
  const ending = new Ending(() => listener.stop())
  return {
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

async function tryPort({ port, bindAddress }: { port: number; bindAddress: string | undefined }): Promise<void> {
  const socket = createSocket(isIPv6(bindAddress ?? '') ? 'udp6' : 'udp4')
  try {
    socket.bind(port, bindAddress)
    await once(socket, 'listening')
  } catch (error) {
    throw portInUse({ port, bindAddress }, error)
  } finally {
    await new Promise<void>((resolve) => void socket.close(resolve))
  }
}

/**
 * The library's ICE agent writes warnings about whatever arrives on the port to the standard output until a first
 * connection has been made and told it not to.
 */
async function quieten(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const connection = new PeerConnection('quieten', { iceServers: [], disableAutoGathering: true })
  connection.onStateChange((state) => {
    if (state === 'closed') resolve()
  })
  // Makes an offer, and for that an ICE agent.
  connection.createDataChannel('quieten').close()
  connection.close()
  await promise
}

function portInUse(udp: { port: number; bindAddress: string | undefined }, error: unknown): BrowserGatewayError {
  const where = `UDP port ${udp.port} of ${udp.bindAddress ?? 'this machine'}`
  return new BrowserGatewayError('port-in-use', `Cannot use ${where} for media: ${messageOf(error)}`, { cause: error })
}
