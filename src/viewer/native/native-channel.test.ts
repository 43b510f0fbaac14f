import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NativeGuest } from '../../../test/support/native/native-guest.ts'
import { NativeHouse } from '../../../test/support/native/native-house.ts'
import { PacketNetwork } from '../../../test/support/packet-network.ts'
import { seededCrypto } from '../../../test/support/secure-rig.ts'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { SecureEndpoint } from '../../net/native/secure-endpoint.ts'
import type { BirthdayOutcome } from '../../net/paths/birthday-probing.ts'

test('what came of probing for a direct path is noted of the session, also where that was before its viewer', async () => {
  await using house = await NativeHouse.open()
  const { clock, host } = house.memory
  const noted: string[] = []
  host.events.subscribe((event) => {
    if (event.type !== 'SessionObserved' || event.observation.kind !== 'probing') return
    noted.push(`${event.observation.result} by ${event.observation.gateway}`)
  })
  const crypto = seededCrypto(5)
  const station = house.network.station('198.51.100.7:6000')
  const own = crypto.newKeyPair()
  using endpoint = new SecureEndpoint({ crypto, clock, port: station, own, random: seededRandom(5) })
  station.listen((bytes, path) => void endpoint.receive(bytes, path))
  const path = PacketNetwork.path(NativeHouse.address)
  const dialled = endpoint.dial({ path, role: 'viewer', peerKey: house.own.publicKey })
  await house.pass(300)
  const guest = new NativeGuest(await dialled, clock)
  await house.pass(500)
  const [channel] = house.channels.values()
  const outcome: BirthdayOutcome = { result: 'unanswered', part: 'many ports', probes: 2048, sockets: 0, tookMs: 6000 }
  channel?.probed(outcome)
  assert.deepEqual(noted, [])
  guest.say({ type: 'web-media', codecs: ['h264'], audio: true })
  await house.pass(1000)
  assert.deepEqual(noted, ['unanswered by native'])
  channel?.probed({ ...outcome, result: 'opened' })
  await house.pass(100)
  assert.deepEqual(noted, ['unanswered by native', 'opened by native'])
})
