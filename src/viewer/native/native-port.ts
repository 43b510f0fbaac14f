import type { Clock } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import { bestCrypto } from '../../net/native/best-crypto.ts'
import { SecureEndpoint, type EndpointFault } from '../../net/native/secure-endpoint.ts'
import { interfaceAddresses } from '../../net/reach/gather-candidates.ts'
import { ReachPort } from '../../net/reach/reach-port.ts'
import { openSocketFor } from '../../net/batch/woken-socket.ts'
import { openUdpSocket } from '../../net/udp/udp-socket.ts'
import { mostPacketBytes } from '../../wire/native/packet.ts'
import type { NativePort as NativeTerms } from '../link/messages.ts'
import { NativeChannel, type ChannelEvents } from './native-channel.ts'
import { NativeReaches, type ReachEvents } from './native-reaches.ts'

export interface NativePort extends Closable {
  /** Where it is bound, for operators. */
  readonly local: string
  readonly channels: ReadonlyMap<number, NativeChannel>
  /** Those who have said at the web port where they are. */
  readonly reaches: NativeReaches
}

const bufferBytes = 1024 * 1024

/** Binds the port of the native transport, and lets clients open channels. Rejects with what the system says. */
export async function openNativePort(options: {
  readonly terms: NativeTerms
  readonly clock: Clock
  readonly opened: (channel: NativeChannel) => void
  readonly events: ChannelEvents & { readonly reach: ReachEvents; readonly fault: (fault: EndpointFault) => void }
}): Promise<NativePort> {
  const { terms, clock, opened, events } = options
  const { policy, probesByBirthday, stunServers, bindAddress: host = '::' } = terms
  // Many sessions may come through one relay: nothing is gathered.
  const batches = { batchesOf: mostPacketBytes, gathers: false }
  const socket = await openSocketFor({ host, port: terms.port, bufferBytes, ...batches })
  const port = new ReachPort({
    socket,
    clock,
    policy,
    stunServers,
    ownAddresses: interfaceAddresses,
    openSpare: probesByBirthday ? () => openUdpSocket({ host, port: 0 }) : undefined,
  })
  const crypto = bestCrypto()
  const channels = new Map<number, NativeChannel>()
  let nextId = 1
  const endpoint = new SecureEndpoint({
    crypto,
    clock,
    port,
    own: crypto.keyPairFrom(Buffer.from(terms.secret, 'hex')),
    random: Math.random,
    place: String(socket.local.port),
    answers: { takesStrangers: terms.takesStrangers },
    onFault: (fault) => events.fault(fault),
    onLink(link) {
      const channel = new NativeChannel({
        id: nextId++,
        link,
        clock,
        events: {
          message: (of, message) => events.message(of, message),
          stream: (frame) => events.stream(frame),
          over(of, ending) {
            channels.delete(of.id)
            events.over(of, ending)
          },
        },
      })
      channels.set(channel.id, channel)
      opened(channel)
    },
  })
  port.carries(endpoint)
  const reaches = new NativeReaches({
    port,
    endpoint,
    clock,
    events: events.reach,
    probed(path, outcome) {
      for (const channel of channels.values()) if (channel.link.path === path) channel.probed(outcome)
    },
  })
  const ending = new Ending(async () => {
    endpoint[Symbol.dispose]()
    reaches[Symbol.dispose]()
    port[Symbol.dispose]()
    await socket.close()
  })
  const { address, port: number } = socket.local
  return {
    local: `udp ${address}:${number}`,
    channels,
    reaches,
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}
