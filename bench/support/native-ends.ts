import { bestCrypto } from '../../src/net/native/best-crypto.ts'
import { openSocketFor } from '../../src/net/batch/woken-socket.ts'
import type { Compared } from '../iroh.ts'
import { openNativeEnd } from './native-end.ts'

/** Two ends of the native transport, of which one sends back what it gets. */
export async function nativeEnds(): Promise<Compared> {
  const closing = new AsyncDisposableStack()
  const crypto = bestCrypto()
  const open = async (own = crypto.newKeyPair()) =>
    openNativeEnd({
      socket: await openSocketFor({ host: '127.0.0.1', port: 0 }),
      own,
      onLink: (link) => (link.onDatagram = (bytes) => void link.send(bytes)),
      closing,
    })
  const hostKey = crypto.newKeyPair()
  const host = await open(hostKey)
  const guest = await open()
  return {
    name: 'ours',
    port: host.socket.local.port,
    async connect(number) {
      const path = guest.port.directTo({ address: '127.0.0.1', port: number })
      const link = await guest.endpoint.dial({ path, role: 'viewer', peerKey: hostKey.publicKey })
      return {
        trip: (bytes) =>
          new Promise((resolve) => {
            link.onDatagram = () => resolve()
            link.send(bytes)
          }),
        async close() {
          link.close('closed')
          await link.closed
        },
      }
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}
