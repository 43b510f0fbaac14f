import { lookup } from 'node:dns/promises'
import { sleep, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import { NativeError } from '../../net/native/native-error.ts'
import { bestCrypto } from '../../net/native/best-crypto.ts'
import { SecureEndpoint } from '../../net/native/secure-endpoint.ts'
import type { SecureLink } from '../../net/native/secure-link.ts'
import { interfaceAddresses } from '../../net/reach/gather-candidates.ts'
import { rankOf, type PathPolicy } from '../../net/paths/path-policy.ts'
import { ReachPort } from '../../net/reach/reach-port.ts'
import { openSocketFor } from '../../net/batch/woken-socket.ts'
import { openUdpSocket, type UdpSocketOptions } from '../../net/udp/udp-socket.ts'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import { ViewError } from '../contract/view-error.ts'
import { Meetings } from './meetings.ts'

/** Whom to open a channel with, and where it may be. */
export interface Peer {
  /** A name or an IP address. */
  readonly host: string
  readonly port: number
  /** Undefined: whoever answers, to learn who that is. */
  readonly key: Uint8Array | undefined
  /** Its web port, where paths are found; undefined: it is at its address, or nowhere. */
  readonly web?: string | undefined
}

/** This device on the native transport: one socket and one key, by which all of its channels are opened. */
export interface OwnEnd extends Closable {
  /**
   * Opens a channel, by whichever way to the peer answers first of those that the policy allows. Rejects with NativeError; with ViewError
   * `unreachable` for a name that cannot be found, and where the policy leaves no way.
   */
  dial(peer: Peer, withinMs?: number): Promise<SecureLink>
}

const bufferBytes = 4 * 1024 * 1024
/** What the web port finds out moves with the network: a channel to the address alone is the second choice. */
const headStartMs = 3000
const never = new Promise<undefined>(() => {})

/** Binds a socket at a port that is free. Rejects with what the system says. */
export async function openOwnEnd(options: {
  readonly own: KeyPair
  readonly clock: Clock
  /** Which paths are taken; `prefer-direct` unless given. */
  readonly policy?: PathPolicy | undefined
  /** Whether a direct path is looked for by birthday where there is no other; not unless given. */
  readonly probesByBirthday?: boolean | undefined
}): Promise<OwnEnd> {
  const { own, clock, policy = 'prefer-direct', probesByBirthday = false } = options
  const directRank = rankOf('direct', policy)
  const socket = await anywhere(openSocketFor, { bufferBytes })
  const port = new ReachPort({
    socket,
    clock,
    policy,
    stunServers: [],
    ownAddresses: interfaceAddresses,
    openSpare: probesByBirthday ? () => anywhere(openUdpSocket) : undefined,
  })
  const endpoint = new SecureEndpoint({ crypto: bestCrypto(), clock, port, own, random: Math.random })
  port.carries(endpoint)
  const meetings = new Meetings({ port, endpoint, clock })
  const ending = new Ending(async () => {
    endpoint[Symbol.dispose]()
    meetings[Symbol.dispose]()
    port[Symbol.dispose]()
    await socket.close()
  })
  const straight = async (peer: Peer, withinMs: number | undefined): Promise<SecureLink> => {
    if (directRank === undefined) {
      return forbidden(peer, policy, 'the link does not tell its web port, where relays are agreed on')
    }
    const tries = (await addressesOf(peer.host)).map((address) =>
      endpoint.dial({
        path: port.directTo({ address, port: peer.port }),
        role: 'viewer',
        peerKey: peer.key,
        ...(withinMs !== undefined && { withinMs }),
      }),
    )
    return await firstOf(tries)
  }
  return {
    async dial(peer, withinMs) {
      const { web, key } = peer
      if (web === undefined || key === undefined) return await straight(peer, withinMs)
      const reached = meetings.dial(web, key)
      if (directRank === undefined) return await reached.catch((error) => forbidden(peer, policy, error))
      // A channel to the address alone never moves: where another kind of path is preferred, it waits for the end of the other try.
      const late = directRank === 0 ? sleep(clock, headStartMs).then(() => undefined) : never
      const early = await Promise.race([reached.catch(() => undefined), late])
      return early ?? (await firstOf([reached, straight(peer, withinMs)]))
    },
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

/** Throws ViewError `unreachable` for what the policy leaves untried; what else went wrong is passed on. */
function forbidden({ host }: Peer, policy: PathPolicy, why: unknown): never {
  if (why instanceof Error && !(why instanceof NativeError && why.code === 'unreachable')) throw why
  const said = why instanceof Error ? messageOf(why) : String(why)
  throw new ViewError('unreachable', `Cannot reach ${host} by what the path policy ${policy} allows: ${said}`)
}

/** A socket at a port that is free. */
async function anywhere<Socket>(
  open: (options: UdpSocketOptions) => Promise<Socket>,
  buffers: { readonly bufferBytes?: number } = {},
): Promise<Socket> {
  try {
    return await open({ host: '::', port: 0, ...buffers })
  } catch {
    // A machine without IPv6.
    return await open({ host: '0.0.0.0', port: 0, ...buffers })
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
