import { systemClock } from '../../src/kernel/clock.ts'
import type { Closable } from '../../src/kernel/ending.ts'
import { bestCrypto } from '../../src/net/native/best-crypto.ts'
import { SecureEndpoint } from '../../src/net/native/secure-endpoint.ts'
import type { SecureLink } from '../../src/net/native/secure-link.ts'
import { ReachPort } from '../../src/net/reach/reach-port.ts'
import type { DatagramSocket } from '../../src/net/udp/datagram-socket.ts'
import type { KeyPair } from '../../src/wire/native/noise-crypto.ts'

/** One end of the native transport on that socket, as hosts and viewers have it, without a limit to its channels. `closing` closes it all. */
export function openNativeEnd(options: {
  readonly socket: DatagramSocket & Closable
  readonly own: KeyPair
  readonly onLink: (link: SecureLink) => void
  readonly closing: AsyncDisposableStack
}) {
  const { closing, own, onLink } = options
  const socket = closing.use(options.socket)
  const port = closing.use(
    new ReachPort({ socket, clock: systemClock, policy: 'direct-only', stunServers: [], ownAddresses: () => [] }),
  )
  const endpoint = closing.use(
    new SecureEndpoint({
      crypto: bestCrypto(),
      clock: systemClock,
      port,
      own,
      random: Math.random,
      answers: { perSecond: 1e6, mostLinks: 1e6, mostLinksOfOrigin: 1e6 },
      onLink,
    }),
  )
  port.carries(endpoint)
  return { socket, port, endpoint }
}
