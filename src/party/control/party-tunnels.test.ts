import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { openMemoryPipe } from '../../kernel/memory-pipe.ts'
import type { Pipe } from '../../kernel/pipe.ts'
import { silentLog } from '../../kernel/log.ts'
import { openMemoryPartyRecords } from '../../store/memory-party-records.ts'
import { decodeTunnelled, encodeTunnelled, encodeTunnelText, mostTunnelledBytes } from '../../wire/party/tunnel.ts'
import { PartyRegistry } from '../registry/party-registry.ts'
import { packetCostBytes } from '../../kernel/shared-rate.ts'
import { PartyTunnels, usualTunnelLimits, type TunnelLimits } from './party-tunnels.ts'

const peer = (peerId: string) => ({
  peerId,
  name: peerId,
  publicKey: '',
  natType: 'unknown' as const,
  publicIp: undefined,
  publicPort: undefined,
  localIp: undefined,
  localPort: undefined,
})

/** A control plane's tunnels with a party of three, and another party of one. */
async function openScene(limits?: Partial<TunnelLimits>) {
  const clock = new ManualClock()
  const registry = await PartyRegistry.open({ records: openMemoryPartyRecords(), clock, log: silentLog })
  const tokens = new Map<string, string>()
  for (const id of ['ada', 'bo', 'cy', 'eve']) tokens.set(id, (await registry.tokens.register(id)).token)
  await registry.registerParty({ id: 'friday', name: 'Friday', host: peer('ada'), admission: 'id' })
  for (const id of ['bo', 'cy']) await registry.joinParty('friday', peer(id))
  await registry.registerParty({ id: 'other', name: 'Other', host: peer('eve'), admission: 'id' })
  const tunnels = new PartyTunnels({ registry, clock, log: silentLog, limits: { ...usualTunnelLimits, ...limits } })
  const open = (source = '192.0.2.1') => {
    const [near, far] = openMemoryPipe()
    const said: unknown[] = []
    const packets: { from: string; bytes: number }[] = []
    near.listen({
      message(message) {
        if (typeof message === 'string') return void said.push(JSON.parse(message))
        const { peerId, packet } = decodeTunnelled(message)
        packets.push({ from: peerId, bytes: packet.length })
      },
      fault: () => {},
    })
    tunnels.accept(far, { source })
    return { pipe: near, said, packets }
  }
  const enter = (peerId: string, { partyId = 'friday', token = tokens.get(peerId) ?? '' } = {}) => {
    const member = open()
    member.pipe.send(encodeTunnelText({ type: 'enter', party_id: partyId, peer_id: peerId, token }))
    return member
  }
  return { clock, registry, tunnels, tokens, open, enter }
}

const say = (pipe: Pipe, to: string, bytes = 100) =>
  pipe.send(encodeTunnelled({ peerId: to, packet: new Uint8Array(bytes) }))

test('members of a party who are in the tunnel reach each other through it, and nobody else', async () => {
  const { enter, tunnels } = await openScene()
  const [ada, bo, eve] = [enter('ada'), enter('bo'), enter('eve', { partyId: 'other' })]
  assert.deepEqual(ada.said, [{ type: 'entered' }])
  say(ada.pipe, 'bo', 1300)
  say(bo.pipe, 'ada', 50)
  say(ada.pipe, 'eve')
  say(ada.pipe, 'cy')
  say(eve.pipe, 'ada')
  assert.deepEqual(
    [ada.packets, bo.packets, eve.packets],
    [[{ from: 'bo', bytes: 50 }], [{ from: 'ada', bytes: 1300 }], []],
  )
  assert.deepEqual(tunnels.counts, { members: 3, handedOn: 2, dropped: 3 })
})

test('who is not who they say, or in no such party, is refused with the reason', async () => {
  const { enter, tokens, open } = await openScene()
  const codeOf = ({ said }: { said: unknown[] }) => (said as { code?: string }[]).map(({ code }) => code)
  assert.deepEqual(codeOf(enter('ada', { token: tokens.get('bo') ?? '' })), ['not-yours'])
  assert.deepEqual(codeOf(enter('ada', { token: 'stale.YWRh' })), ['unauthenticated'])
  assert.deepEqual(codeOf(enter('eve')), ['not-a-member'])
  assert.deepEqual(codeOf(enter('ada', { partyId: 'nowhere' })), ['party-not-found'])
  const rude = open()
  say(rude.pipe, 'ada')
  assert.ok(!rude.pipe.open, 'a packet before the entry ends it')
  const wrong = enter('ada')
  wrong.pipe.send(Uint8Array.of(9))
  assert.ok(!wrong.pipe.open)
  const long = enter('ada')
  say(long.pipe, 'bo', mostTunnelledBytes + 1)
  assert.ok(!long.pipe.open)
})

test('who leaves the party, says nothing for long, or does not enter is shown out', async () => {
  const { enter, open, registry, clock, tunnels } = await openScene()
  const [ada, bo, cy] = [enter('ada'), enter('bo'), enter('cy')]
  await registry.leaveParty('friday', 'bo')
  assert.deepEqual(
    [ada, bo, cy].map(({ pipe }) => pipe.open),
    [true, false, true],
  )
  const idle = open()
  clock.advance(11_000)
  assert.ok(!idle.pipe.open)
  for (let times = 0; times < 8; times++) {
    say(ada.pipe, 'cy')
    clock.advance(10_000)
  }
  await Promise.resolve()
  assert.deepEqual([ada.pipe.open, cy.pipe.open], [true, false])
  await registry.leaveParty('friday', 'ada')
  await Promise.resolve()
  assert.equal(tunnels.counts.members, 0)
})

test('a member that comes again takes its own place', async () => {
  const { enter, tunnels } = await openScene()
  const [before, bo] = [enter('ada'), enter('bo')]
  const again = enter('ada')
  assert.ok(!before.pipe.open && again.pipe.open)
  await Promise.resolve()
  say(bo.pipe, 'ada')
  assert.equal(again.packets.length, 1)
  assert.equal(tunnels.counts.members, 2)
})

test('places are bounded, in all and of one source', async () => {
  const { open } = await openScene({ inAll: 3, perSource: 2 })
  assert.deepEqual(
    [open('a'), open('a'), open('a'), open('b'), open('c')].map(({ pipe }) => pipe.open),
    [true, true, false, true, false],
  )
})

test('one that floods the tunnel is held to its rate, and a check of another one is not lost for it', async () => {
  const bytesOfEach = 100 * (1000 + packetCostBytes)
  const { enter, clock } = await openScene({ bytesOfEach, bytesInAll: 1.5 * bytesOfEach })
  const [ada, bo, cy] = [enter('ada'), enter('bo'), enter('cy')]
  for (let ms = 0; ms < 10_000; ms += 10) {
    for (let times = 0; times < 10; times++) {
      say(ada.pipe, 'bo', 966)
      say(bo.pipe, 'ada', 966)
    }
    if (ms % 250 === 0) say(cy.pipe, 'bo', 100)
    clock.advance(10)
  }
  assert.equal(bo.packets.filter(({ from }) => from === 'cy').length, 40)
  for (const { packets, from } of [
    { ...bo, from: 'ada' },
    { ...ada, from: 'bo' },
  ]) {
    const passed = packets.filter((each) => each.from === from).length
    assert.ok(passed >= 500 && passed < 1050, `${passed} of ${from} passed`)
  }
})

test('a member that takes nothing costs no memory', async () => {
  const { enter, tunnels, clock } = await openScene()
  const [ada, bo] = [enter('ada'), enter('bo')]
  bo.pipe.pause()
  for (let times = 0; times < 3000; times++) {
    say(ada.pipe, 'bo', 1300)
    clock.advance(10)
  }
  assert.ok(tunnels.counts.dropped > 2500)
})
