import { ManualClock } from '../../src/kernel/manual-clock.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { keyPairFrom, nodeCrypto } from '../../src/net/native/node-crypto.ts'
import { SecureEndpoint, type SecureEndpointOptions } from '../../src/net/native/secure-endpoint.ts'
import type { SecureLink } from '../../src/net/native/secure-link.ts'
import type { NoiseCrypto } from '../../src/wire/native/noise-crypto.ts'
import { PacketNetwork } from './packet-network.ts'

/** The same keys, cookies and challenges each time. */
export function seededCrypto(seed: number): NoiseCrypto {
  const random = seededRandom(seed)
  const bytes = (count: number) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256))
  return { ...nodeCrypto, random: bytes, newKeyPair: () => keyPairFrom(bytes(32)) }
}

export const hostAddress = '192.0.2.1:5000'
export const guestAddress = '198.51.100.7:6000'

/** A host and a guest with an endpoint each, in virtual time. */
export function openSecureRig(
  options: {
    readonly seed?: number
    readonly host?: Partial<SecureEndpointOptions>
    readonly guest?: Partial<SecureEndpointOptions>
  } = {},
) {
  const { seed = 1 } = options
  const clock = new ManualClock()
  const network = new PacketNetwork(clock, seed)
  const crypto = seededCrypto(seed)
  const links: SecureLink[] = []
  const endpoint = (address: string, more: Partial<SecureEndpointOptions> | undefined) => {
    const station = network.station(address)
    const own = crypto.newKeyPair()
    const opened = new SecureEndpoint({ crypto, clock, port: station, own, random: seededRandom(seed), ...more })
    station.listen((bytes, path) => void opened.receive(bytes, path))
    return { own, station, endpoint: opened }
  }
  const host = endpoint(hostAddress, { onLink: (link) => links.push(link), ...options.host })
  const guest = endpoint(guestAddress, options.guest)
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 50) {
      clock.advance(Math.min(50, left))
      await Promise.resolve()
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  /** Opens a channel; the guest's end of it, and the host's. */
  const connect = async (
    { peerKey }: { readonly peerKey: Uint8Array | undefined } = { peerKey: host.own.publicKey },
  ) => {
    const dialled = guest.endpoint.dial({ path: PacketNetwork.path(hostAddress), role: 'viewer', peerKey })
    // Whoever waits hears of a failure by the promise alone.
    dialled.catch(() => {})
    await pass(15_000)
    return { there: await dialled, here: links.at(-1) as SecureLink }
  }
  return {
    clock,
    network,
    crypto,
    links,
    host,
    guest,
    pass,
    connect,
    [Symbol.dispose]() {
      guest.endpoint[Symbol.dispose]()
      host.endpoint[Symbol.dispose]()
    },
  }
}
