import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { PeerConnection } from 'node-datachannel'
import { sleep, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import { ViewerError } from '../contract/viewer-error.ts'
import { NativeParts } from './native-parts.ts'

interface UdpAddress {
  readonly port: number
  readonly bindAddress: string | undefined
}

/** The library closes its socket on a thread of its own, within milliseconds after its last user. */
const releasePeriodMs = 5
const releaseTries = 200

/**
 * Takes the one UDP port that all peer connections share, and keeps it also while there is none, so that nobody else can
 * get in between. Rejects with ViewerError `port-in-use`.
 */
export async function claimUdpPort(udp: UdpAddress, clock: Clock): Promise<Closable> {
  // The library has only "failed" to say; a plain socket knows why.
  await tryPort(udp)
  const holder = await holdPort(udp, clock)
  const ending = new Ending(async () => {
    await holder.end()
    await portFree(udp, clock)
  })
  return {
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

async function tryPort({ port, bindAddress }: UdpAddress): Promise<void> {
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
 * An offer that is told to nobody keeps the shared socket open. The library's own listener for the port does not: its
 * `stop` leaves the socket open, and a callback behind that goes nowhere.
 */
async function holdPort(udp: UdpAddress, clock: Clock): Promise<NativeParts> {
  const connection = new PeerConnection('port holder', {
    iceServers: [],
    enableIceUdpMux: true,
    portRangeBegin: udp.port,
    portRangeEnd: udp.port,
    ...(udp.bindAddress === undefined ? {} : { bindAddress: udp.bindAddress }),
  })
  const parts = new NativeParts(connection, { clock, onLost: () => {} })
  try {
    // This makes the offer.
    parts.keep(connection.createDataChannel('port holder'), 'channel')
    return parts
  } catch (error) {
    await parts.end()
    throw portInUse(udp, error)
  }
}

async function portFree(udp: UdpAddress, clock: Clock): Promise<void> {
  for (let tries = 0; tries < releaseTries; tries++) {
    try {
      return await tryPort(udp)
    } catch {
      await sleep(clock, releasePeriodMs)
    }
  }
}

function portInUse(udp: UdpAddress, error: unknown): ViewerError {
  const where = `UDP port ${udp.port} of ${udp.bindAddress ?? 'this machine'}`
  return new ViewerError('port-in-use', `Cannot use ${where} for media: ${messageOf(error)}`, { cause: error })
}
