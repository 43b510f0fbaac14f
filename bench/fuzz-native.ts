/**
 * Peers with valid keys that mean no good against a running server's native port, over real sockets: each is let in or tries to be, and
 * says by chance what a client says and what none does, on every layer at once. An honest one watches all the while: its channel has to stand,
 * its pictures go on and its questions be answered, and the server holds no more memory at the end than after a while.
 *
 *     npm run bench fuzz-native [-- --foes 2000] [--at-once 4] [--acts 300] [--seed 1]
 */
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/kernel/clock.ts'
import { seededRandom } from '../src/kernel/seeded-random.ts'
import { nodeCrypto } from '../src/net/native/node-crypto.ts'
import { NativeError } from '../src/net/native/native-error.ts'
import { SecureEndpoint } from '../src/net/native/secure-endpoint.ts'
import { PathPorts } from '../src/net/paths/path-ports.ts'
import type { Path } from '../src/net/paths/path.ts'
import { openUdpSocket } from '../src/net/udp/udp-socket.ts'
import { openHostKey } from '../src/server/native/open-host-key.ts'
import { formatAddress } from '../src/wire/address-bytes.ts'
import type { KeyPair, NoiseCrypto } from '../src/wire/native/noise-crypto.ts'
import { NativeFoe } from '../test/support/native/native-foe.ts'
import { NativeGuest } from '../test/support/native/native-guest.ts'
import { spoilingCrypto, type Malice } from '../test/support/native/spoiling.ts'
import { openPorchlight } from '../test/support/running-porchlight.ts'
import { describeRun } from './support/describe-run.ts'
import { heldBy } from './support/process-tree.ts'

const { values } = parseArgs({
  options: {
    foes: { type: 'string', default: '2000' },
    'at-once': { type: 'string', default: '4' },
    acts: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
  },
})
const foes = Number(values.foes)
const acts = Number(values.acts)

console.log(`${describeRun()}\n`)
const port = randomInt(12_000, 30_000)
await using house = await openPorchlight({
  flags: ['--app', 'test-pattern', '--size', '320x240', '--native', 'on', '--native-port', `${port}`],
})
const { id: lobbyId } = await house.firstLobby()
const link = { host: '127.0.0.1', port, key: openHostKey(join(house.directory, 'data')).publicKey }

/** A socket, and a channel to the host by it. */
async function dial(options: { own: KeyPair; crypto?: NoiseCrypto }) {
  const { own, crypto = nodeCrypto } = options
  const socket = await openUdpSocket({ host: '127.0.0.1', port: 0, bufferBytes: 1 << 20 })
  const paths = new PathPorts(socket)
  const endpoint = new SecureEndpoint({
    crypto,
    clock: systemClock,
    port: { send: (bytes, path) => socket.send(bytes, (path as Path).address) === undefined },
    own,
    random: Math.random,
  })
  paths.onPacket = (bytes, path) => void endpoint.receive(bytes, path)
  const address = { address: link.host, port: link.port }
  const path: Path = {
    name: `direct ${formatAddress(address)}`,
    kind: 'direct',
    origin: link.host,
    address,
    state: 'untried',
    roundTripMs: undefined,
  }
  const close = async () => {
    endpoint[Symbol.dispose]()
    paths[Symbol.dispose]()
    await socket.close()
  }
  try {
    return { channel: await endpoint.dial({ path, role: 'viewer', peerKey: link.key }), close }
  } catch (error) {
    await close()
    throw error
  }
}

const honest = await dial({ own: nodeCrypto.newKeyPair() })
const device = { device: 'A guest', token: house.ownerToken, type: 'prove' } as const
const guest = new NativeGuest(honest.channel, systemClock, device)
const polling = setInterval(() => guest.poll(), 5)
await pause(500)
guest.say({ type: 'join', lobbyId })
guest.say({ type: 'web-media', codecs: ['h264'], audio: true })

let begun = 0
let said = 0
let refused = 0
let thrownOut = 0
let unanswered = 0
const held: number[] = []

/** One after the other, on one device. */
async function seatOfFoes(): Promise<void> {
  const own = nodeCrypto.newKeyPair()
  while (begun < foes) {
    const malice: Malice = { random: seededRandom(Number(values.seed) + begun++), ratio: 0 }
    try {
      const { channel, close } = await dial({ own, crypto: spoilingCrypto(nodeCrypto, malice) })
      const foe = new NativeFoe(channel, { clock: systemClock, malice, lobbyId, token: house.ownerToken })
      for (let act = 0; act < acts && foe.isOpen; act++) {
        foe.act()
        await pause(2)
      }
      if (!foe.isOpen) thrownOut++
      said += foe.sent
      await foe.close()
      await close()
    } catch (error) {
      if (!(error instanceof NativeError)) throw error
      refused++
      await pause(100)
    }
  }
}

const seats = Promise.all(Array.from({ length: Number(values['at-once']) }, seatOfFoes))
let isOver = false
void seats.then(() => (isOver = true))
// oxlint-disable-next-line no-unmodified-loop-condition -- it is, when the last foe has gone
while (!isOver) {
  await Promise.race([seats, pause(1000)])
  const { serverMb, childrenMb } = await heldBy(house.pid)
  held.push(serverMb + childrenMb)
  const heard = guest.heard.length
  guest.say({ type: 'ping', timestamp: held.length })
  for (let waitedMs = 0; waitedMs < 3000 && guest.heard.length === heard; waitedMs += 50) await pause(50)
  if (guest.heard.length === heard) unanswered++
}
const pictures = guest.pictures
await pause(1000)
const goesOn = guest.link.isOpen && guest.pictures > pictures
clearInterval(polling)
await guest.close()
await honest.close()
const at = (share: number) => Math.round(held[Math.min(held.length - 1, Math.floor(share * held.length))] ?? 0)
const errors = house.log.split('\n').filter((line) => line.includes('"level":"error"')).length
console.log(`| what | figure |
| --- | --- |
| foes, those that were not let dial, and those that lost their channel for what they said | ${begun}, ${refused} and ${thrownOut} |
| datagrams that they said | ${said} |
| questions of the honest one without an answer within 3 s | ${unanswered} of ${held.length} |
| its pictures go on | ${goesOn ? 'yes' : 'no'} |
| memory after a quarter, a half and all of it | ${at(0.25)}, ${at(0.5)} and ${at(1)} MB |
| errors in the log | ${errors} |`)
if (!goesOn || unanswered > 0 || errors > 0) process.exitCode = 1
