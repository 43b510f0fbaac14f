import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { IceUdpMuxListener, PeerConnection } from 'node-datachannel'
import type { Clock } from '../../../kernel/clock.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../../kernel/ending.ts'
import { BrowserGatewayError } from '../gateway-error.ts'
import { NativeParts } from './native-parts.ts'

/**
 * Takes the one UDP port that all peer connections share, and keeps it also while there is none, so that nobody else can
 * get in between. Rejects with BrowserGatewayError `port-in-use`.
 */
export async function claimUdpPort(
  udp: { port: number; bindAddress: string | undefined },
  clock: Clock,
): Promise<Closable> {
  // The library has only "failed" to say, and on the standard error; a plain socket knows why.
  await tryPort(udp)
  await quieten(clock)
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
async function quieten(clock: Clock): Promise<void> {
  const connection = new PeerConnection('quieten', { iceServers: [], disableAutoGathering: true })
  const parts = new NativeParts(connection, { clock, onLost: () => {} })
  // Makes an offer, and for that an ICE agent.
  parts.keep(connection.createDataChannel('quieten'), 'channel')
  await parts.end()
}

function portInUse(udp: { port: number; bindAddress: string | undefined }, error: unknown): BrowserGatewayError {
  const where = `UDP port ${udp.port} of ${udp.bindAddress ?? 'this machine'}`
  return new BrowserGatewayError('port-in-use', `Cannot use ${where} for media: ${messageOf(error)}`, { cause: error })
}
