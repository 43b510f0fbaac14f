import type { Clock } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import { keyPairFrom, nodeCrypto } from '../../net/native/node-crypto.ts'
import { SecureEndpoint } from '../../net/native/secure-endpoint.ts'
import { PathPorts } from '../../net/paths/path-ports.ts'
import type { Path } from '../../net/paths/path.ts'
import { openUdpSocket } from '../../net/udp/udp-socket.ts'
import type { NativePort as NativeTerms } from '../link/messages.ts'
import { NativeChannel, type ChannelEvents } from './native-channel.ts'

export interface NativePort extends Closable {
  /** Where it is bound, for operators. */
  readonly local: string
  readonly channels: ReadonlyMap<number, NativeChannel>
}

const bufferBytes = 1024 * 1024

/** Binds the port of the native transport, and lets clients open channels. Rejects with what the system says. */
export async function openNativePort(options: {
  readonly terms: NativeTerms
  readonly clock: Clock
  readonly opened: (channel: NativeChannel) => void
  readonly events: ChannelEvents
}): Promise<NativePort> {
  const { terms, clock, opened, events } = options
  const socket = await openUdpSocket({ host: terms.bindAddress ?? '::', port: terms.port, bufferBytes })
  const paths = new PathPorts(socket)
  const channels = new Map<number, NativeChannel>()
  let nextId = 1
  const endpoint = new SecureEndpoint({
    crypto: nodeCrypto,
    clock,
    port: { send: (bytes, path) => paths.send(bytes, path as Path) },
    own: keyPairFrom(Buffer.from(terms.secret, 'hex')),
    random: Math.random,
    answers: { takesStrangers: terms.takesStrangers },
    onLink(link) {
      const channel = new NativeChannel({
        id: nextId++,
        link,
        clock,
        events: {
          message: (of, message) => events.message(of, message),
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
  paths.onPacket = (bytes, path) => void endpoint.receive(bytes, path)
  const ending = new Ending(async () => {
    endpoint[Symbol.dispose]()
    paths[Symbol.dispose]()
    await socket.close()
  })
  const { address, port } = socket.local
  return {
    local: `udp ${address}:${port}`,
    channels,
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}
