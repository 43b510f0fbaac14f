import { lookup } from 'node:dns/promises'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import { NativeError } from '../../net/native/native-error.ts'
import { nodeCrypto } from '../../net/native/node-crypto.ts'
import { SecureEndpoint } from '../../net/native/secure-endpoint.ts'
import type { SecureLink } from '../../net/native/secure-link.ts'
import { PathPorts } from '../../net/paths/path-ports.ts'
import type { Path } from '../../net/paths/path.ts'
import { openUdpSocket, type UdpSocket } from '../../net/udp/udp-socket.ts'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import { ViewError } from '../contract/view-error.ts'

/** Whom to open a channel with, and where it may be. */
export interface Peer {
  /** A name or an IP address. */
  readonly host: string
  readonly port: number
  /** Undefined: whoever answers, to learn who that is. */
  readonly key: Uint8Array | undefined
}

/** This device on the native transport: one socket and one key, by which all of its channels are opened. */
export interface OwnEnd extends Closable {
  /**
   * Opens a channel, by whichever way to the peer answers first. Rejects with NativeError; with ViewError `unreachable` for a name that
   * cannot be found.
   */
  dial(peer: Peer, withinMs?: number): Promise<SecureLink>
}

const bufferBytes = 4 * 1024 * 1024

/** Binds a socket at a port that is free. Rejects with what the system says. */
export async function openOwnEnd(options: { readonly own: KeyPair; readonly clock: Clock }): Promise<OwnEnd> {
  const { own, clock } = options
  const socket = await openSocket()
  const paths = new PathPorts(socket)
  const endpoint = new SecureEndpoint({
    crypto: nodeCrypto,
    clock,
    port: { send: (bytes, path) => paths.send(bytes, path as Path) },
    own,
    random: Math.random,
  })
  paths.onPacket = (bytes, path) => void endpoint.receive(bytes, path)
  const ending = new Ending(async () => {
    endpoint[Symbol.dispose]()
    paths[Symbol.dispose]()
    await socket.close()
  })
  return {
    async dial({ host, port, key }, withinMs) {
      const addresses = await addressesOf(host)
      const tries = addresses.map((address) =>
        endpoint.dial({
          path: paths.directTo({ address, port }),
          role: 'viewer',
          peerKey: key,
          ...(withinMs !== undefined && { withinMs }),
        }),
      )
      return await firstOf(tries)
    },
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

async function openSocket(): Promise<UdpSocket> {
  try {
    return await openUdpSocket({ host: '::', port: 0, bufferBytes })
  } catch {
    // A machine without IPv6.
    return await openUdpSocket({ host: '0.0.0.0', port: 0, bufferBytes })
  }
}

/** One of each family: whatever answers first is as good as the others. */
async function addressesOf(host: string): Promise<readonly string[]> {
  try {
    const found = await lookup(host, { all: true })
    const one = (family: number) => found.find((each) => each.family === family)?.address ?? []
    return [4, 6].flatMap(one)
  } catch (error) {
    throw new ViewError('unreachable', `Cannot find ${host}: ${messageOf(error)}`, { cause: error })
  }
}

/** The channel that is opened first; others are closed. Rejects with what says most. */
async function firstOf(tries: readonly Promise<SecureLink>[]): Promise<SecureLink> {
  let first: SecureLink | undefined
  const settled = tries.map(async (attempt) => {
    const link = await attempt
    if (first) return link.close('closed', 'Another path was quicker')
    first = link
  })
  try {
    await Promise.any(settled)
  } catch (error) {
    const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error]
    throw errors.find((each) => each instanceof NativeError && each.code !== 'unreachable') ?? errors[0]
  }
  return first as SecureLink
}
