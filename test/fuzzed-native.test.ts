import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../src/kernel/seeded-random.ts'
import { SecureEndpoint } from '../src/net/native/secure-endpoint.ts'
import { NativeFoe } from './support/native/native-foe.ts'
import { NativeGuest } from './support/native/native-guest.ts'
import { NativeHouse } from './support/native/native-house.ts'
import { spoilingCrypto, type Malice } from './support/native/spoiling.ts'
import { PacketNetwork } from './support/packet-network.ts'
import { seededCrypto } from './support/secure-rig.ts'

const foes = 6
const actsOfFoe = 100

/** Whoever has a socket at this address, with a key of its own. */
function endpointAt(house: NativeHouse, address: string, options: { seed: number; malice?: Malice }) {
  const { seed, malice } = options
  const { clock } = house.memory
  const crypto = seededCrypto(seed)
  const station = house.network.station(address)
  const endpoint = new SecureEndpoint({
    crypto: malice ? spoilingCrypto(crypto, malice) : crypto,
    clock,
    port: station,
    own: crypto.newKeyPair(),
    random: seededRandom(seed),
  })
  station.listen((bytes, path) => void endpoint.receive(bytes, path))
  const dial = async () => {
    const path = PacketNetwork.path(NativeHouse.address)
    const dialled = endpoint.dial({ path, role: 'viewer', peerKey: house.own.publicKey })
    await house.pass(300)
    return dialled
  }
  return { endpoint, station, dial }
}

test('whatever a peer with valid keys says, on every layer, the host goes on, holds nothing of it, and others notice nothing', async (t) => {
  await using house = await NativeHouse.open()
  const { clock, host } = house.memory
  const honest = endpointAt(house, '198.51.100.7:6000', { seed: 3 })
  const guest = new NativeGuest(await honest.dial(), clock)
  await house.pass(500)
  guest.say({ type: 'web-media', codecs: ['h264'], audio: true })
  await house.pass(1000)
  assert.ok(guest.pictures > 0, 'it watches')
  const before = { pending: clock.pending, channels: house.channels.size }

  let said = 0
  let outlived = 0
  for (let seed = 1; seed <= foes; seed++) {
    const malice: Malice = { random: seededRandom(1000 + 37 * seed), ratio: 0 }
    const { endpoint, station, dial } = endpointAt(house, `203.0.113.${seed}:7000`, { seed: 100 + seed, malice })
    const foe = new NativeFoe(await dial(), { clock, malice, lobbyId: 'nowhere' })
    await house.pass(200)
    for (let acts = 0; acts < actsOfFoe && foe.isOpen; acts++) {
      foe.act()
      if (acts % 20 === 10) house.network.move(station, `203.0.113.${seed}:${7001 + acts}`)
      await house.pass(10)
      guest.poll()
    }
    said += foe.sent
    if (foe.isOpen) outlived++
    else t.diagnostic(`foe ${seed} after ${foe.sent}: ${foe.reason}`)
    // One says goodbye, one is gone without a word.
    if (seed % 2 === 0) house.network.cuts.add(`${station.address}>${NativeHouse.address}`)
    const closed = foe.close()
    endpoint[Symbol.dispose]()
    await house.pass(100)
    await closed
    assert.ok(house.channels.size <= before.channels + seed)
    const [pictures, heard] = [guest.pictures, guest.heard.length]
    guest.say({ type: 'ping', timestamp: seed })
    await house.pass(500)
    guest.poll()
    assert.ok(guest.link.isOpen, `the other channel stands after foe ${seed}`)
    assert.ok(guest.pictures > pictures, `pictures went on after foe ${seed}`)
    assert.ok(
      guest.heard.slice(heard).some(({ type }) => type === 'pong'),
      `it was answered after foe ${seed}`,
    )
  }
  assert.ok(said > 60, `${said} were said`)
  assert.ok(outlived < foes, 'some were thrown out for what they said')

  await Promise.all([guest.close(), house.pass(500)])
  honest.endpoint[Symbol.dispose]()

  // A minute is kept for those who may come back.
  await house.pass(100_000, 500)
  assert.deepEqual(house.endpoint.counts, { links: 0, pending: 0 })
  assert.equal(house.channels.size, 0)
  assert.equal(house.gateway.connections, 0)
  assert.equal(host.sessions.size, 0)
  assert.ok(clock.pending <= before.pending, `${clock.pending} timers, ${before.pending} with one who watched`)
})
