import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { natBehaviours } from '../../../test/support/simulated-network.ts'
import { SimulatedPeers } from '../../../test/support/simulated-peers.ts'
import { canPunch } from '../nat/nat-findings.ts'
import { encodeCheck } from './path-check.ts'
import { pathPolicies, rankOf } from './path-policy.ts'

const names = Object.keys(natBehaviours) as (keyof typeof natBehaviours)[]
const pairs = names.flatMap((own, at) => names.slice(at).map((other) => [own, other] as const))

for (const [own, other] of pairs) {
  const kind = canPunch(own, other) === 'yes' ? 'direct' : 'relayed'
  const isBlocked = own === 'udp-blocked' || other === 'udp-blocked'
  test(`PathFinder takes ${isBlocked ? 'no UDP path' : `a ${kind} path`} between ${own} and ${other}, whoever decides`, async () => {
    for (const [viewer, host] of [
      [own, other],
      [other, own],
    ] as const) {
      using peers = new SimulatedPeers()
      await peers.begin(natBehaviours[viewer], natBehaviours[host])
      peers.run(2000)
      const expected = isBlocked ? undefined : kind
      assert.equal(peers.viewer.finder.current?.kind, expected)
      assert.equal(peers.host.finder.current?.kind, expected)
      assert.equal(peers.say(peers.viewer, 'there'), !isBlocked)
      peers.say(peers.host, 'and back')
      peers.run(100)
      assert.deepEqual(
        [peers.host, peers.viewer].map(({ heard }) => heard.map(({ text }) => text)),
        isBlocked ? [[], []] : [['there'], ['and back']],
      )
    }
  })
}

test('PathFinder takes the direct path at once when there is one, and explains what it keeps warm', async () => {
  using peers = new SimulatedPeers()
  await peers.begin(natBehaviours['port-restricted'], natBehaviours.restricted)
  peers.network.between(peers.viewer.machine, peers.relay, { delayMs: 2 })
  peers.run(4000)
  assert.deepEqual(
    peers.viewer.news.map(({ news: { cause, path } }) => [cause, path?.kind]),
    [['first', 'direct']],
  )
  assert.match(
    peers.viewer.finder.explanation,
    /^direct 198\.51\.100\.10:\d+, 20 ms; relay 203\.0\.113\.50:3478, 24 ms, kept warm/,
  )
  // Nobody is there: it is told all the same.
  const nowhere = { address: '198.51.100.77', port: 4000 }
  peers.viewer.finder.try(peers.viewer.ports.direct, nowhere)
  peers.run(500)
  const standings = peers.viewer.finder.standings
  assert.deepEqual(
    standings.slice(0, 2).map(({ name, state, lossRatio }) => [name.split(' ')[0], state, lossRatio]),
    [
      ['direct', 'taken', 0],
      ['relay', 'warm', 0],
    ],
  )
  assert.ok(standings.some(({ name, state }) => name === 'direct 198.51.100.77:4000' && state === 'untried'))
  peers.network.between(peers.viewer.machine, peers.host.machine, { isCut: true })
  peers.run(3000)
  const [taken, ...others] = peers.viewer.finder.standings
  assert.equal(taken?.name, 'relay 203.0.113.50:3478')
  assert.equal(others.find(({ state }) => state === 'dead')?.roundTripMs, undefined)
})

for (const direction of ['both ways', 'to the host only', 'to the viewer only'] as const) {
  test(`PathFinder notices within two seconds that a path is dead ${direction}, and goes on by the relay at both ends`, async () => {
    using peers = new SimulatedPeers()
    await peers.begin(natBehaviours.restricted, natBehaviours['port-restricted'])
    peers.run(5000)
    const { viewer, host, network } = peers
    if (direction !== 'to the viewer only') network.way(viewer.machine, host.machine).isCut = true
    if (direction !== 'to the host only') network.way(host.machine, viewer.machine).isCut = true
    const cutMs = peers.clock.nowMs()
    peers.run(2000)
    for (const { finder, news } of [viewer, host]) {
      assert.equal(finder.current?.kind, 'relayed')
      assert.ok((news.at(-1)?.atMs ?? Infinity) - cutMs < 2000)
    }
    assert.ok(peers.say(viewer, 'by the relay'))
    peers.run(100)
    assert.match(host.heard.at(-1)?.by ?? '', /^relay/)
  })
}

test('PathFinder leaves a dead path within a second while another one answers, and none while the other end stands still', async () => {
  for (let seed = 1; seed <= 5; seed++) {
    using peers = new SimulatedPeers({ seed })
    await peers.begin(natBehaviours.restricted, natBehaviours['port-restricted'])
    peers.run(5000 + 37 * seed)
    const { viewer, host, network } = peers
    const before = viewer.news.length
    // As long as it does not run, nothing comes to it and nothing leaves it.
    for (const machine of [viewer.machine, peers.relay]) network.between(host.machine, machine, { isCut: true })
    peers.run(3000)
    for (const machine of [viewer.machine, peers.relay]) network.between(host.machine, machine, { isCut: false })
    peers.run(3000)
    const causes = viewer.news.slice(before).map(({ news: { cause, path } }) => `${cause} ${path?.kind}`)
    assert.deepEqual(causes, ['lost undefined', 'back direct'])
    network.between(viewer.machine, host.machine, { isCut: true })
    peers.run(1000)
    for (const { finder } of [viewer, host]) assert.equal(finder.current?.kind, 'relayed')
  }
})

test('PathFinder goes back to the direct path when it works again, later each time it fails soon', async () => {
  using peers = new SimulatedPeers()
  await peers.begin(natBehaviours.open, natBehaviours.open)
  peers.run(5000)
  const tookMs: number[] = []
  for (let round = 0; round < 3; round++) {
    peers.network.between(peers.viewer.machine, peers.host.machine, { isCut: true })
    peers.run(3000)
    assert.equal(peers.viewer.finder.current?.kind, 'relayed')
    peers.network.between(peers.viewer.machine, peers.host.machine, { isCut: false })
    const healedMs = peers.clock.nowMs()
    const isBack = () => peers.viewer.finder.current?.kind === 'direct'
    for (let waited = 0; waited < 60_000 && !isBack(); waited += 50) peers.run(50)
    tookMs.push(peers.clock.nowMs() - healedMs)
    peers.run(100)
    assert.equal(peers.host.finder.current?.kind, 'direct')
  }
  const [first = 0, second = 0, third = 0] = tookMs
  assert.ok(first < second && second < third && third < 20_000, tookMs.join(', '))
})

test('PathFinder leaves a path that loses a fifth both ways within about two seconds, and does not flap', async () => {
  const tookMs: number[] = []
  for (let seed = 1; seed <= 9; seed++) {
    using peers = new SimulatedPeers({ seed })
    await peers.begin(natBehaviours.restricted, natBehaviours.restricted)
    peers.run(5000)
    peers.network.between(peers.viewer.machine, peers.host.machine, { lossRatio: 0.2 })
    const sinceMs = peers.clock.nowMs()
    for (let waited = 0; waited < 15_000 && peers.viewer.finder.current?.kind === 'direct'; waited += 10) peers.run(10)
    tookMs.push(peers.clock.nowMs() - sinceMs)
    assert.equal(peers.viewer.news.at(-1)?.news.cause, 'loss')
    if (seed > 1) continue
    peers.run(60_000)
    assert.equal(peers.viewer.finder.current?.kind, 'relayed')
    assert.match(peers.viewer.finder.explanation, /loses \d+ %/)
    peers.network.between(peers.viewer.machine, peers.host.machine, { lossRatio: 0 })
    peers.run(60_000)
    assert.equal(peers.viewer.finder.current?.kind, 'direct')
    assert.ok(peers.viewer.news.length <= 4, JSON.stringify(peers.viewer.news.map(({ news }) => news.cause)))
  }
  const ordered = tookMs.toSorted((one, other) => one - other)
  assert.ok((ordered[4] ?? Infinity) < 1500 && (ordered.at(-1) ?? Infinity) < 3000, ordered.join(', '))
})

test('PathFinder stays on a path for moments of silence, a little loss, and loss that another path has as well', async () => {
  using peers = new SimulatedPeers({ seed: 3 })
  await peers.begin(natBehaviours.restricted, natBehaviours.restricted)
  peers.run(5000)
  const { viewer, host, relay, network } = peers
  const { length } = viewer.news
  for (let times = 0; times < 5; times++) {
    network.between(viewer.machine, host.machine, { isCut: true })
    peers.run(500)
    network.between(viewer.machine, host.machine, { isCut: false })
    peers.run(3000)
  }
  network.between(viewer.machine, host.machine, { lossRatio: 0.01 })
  peers.run(60_000)
  assert.equal(viewer.news.length, length, JSON.stringify(viewer.news.map(({ news }) => news.explanation)))
  for (const [one, other] of [
    [viewer, host],
    [viewer, { machine: relay }],
    [host, { machine: relay }],
  ] as const) {
    network.between(one.machine, other.machine, { lossRatio: 0.2 })
  }
  peers.run(60_000)
  const moves = viewer.news.slice(length).filter(({ news }) => news.cause !== 'lost' && news.cause !== 'back')
  assert.ok(moves.length <= 2, JSON.stringify(moves.map(({ news }) => news.explanation)))
})

test('PathFinder does not go to and fro between paths of which both lose', async () => {
  let moves = 0
  for (let seed = 1; seed <= 4; seed++) {
    using peers = new SimulatedPeers({ seed })
    await peers.begin(natBehaviours.restricted, natBehaviours.restricted)
    // By then the relay is known to have lost nothing for long.
    peers.run(10_000)
    const { viewer, host, relay, network } = peers
    const before = viewer.news.length
    network.between(viewer.machine, host.machine, { lossRatio: 0.2 })
    for (const { machine } of [viewer, host]) network.between(machine, relay, { lossRatio: 0.2 })
    peers.run(20_000)
    moves += viewer.news.slice(before).filter(({ news: { cause } }) => cause !== 'lost' && cause !== 'back').length
  }
  assert.ok(moves <= 4, `${moves} moves`)
})

test('PathFinder leaves a path that takes longer, and stays where both are about the same', async () => {
  using peers = new SimulatedPeers()
  await peers.begin(natBehaviours.open, natBehaviours.open)
  peers.run(5000)
  peers.network.between(peers.viewer.machine, peers.host.machine, { delayMs: 22 })
  peers.run(20_000)
  assert.equal(peers.viewer.finder.current?.kind, 'direct')
  peers.network.between(peers.viewer.machine, peers.host.machine, { delayMs: 80 })
  peers.run(10_000)
  assert.equal(peers.viewer.finder.current?.kind, 'relayed')
  assert.equal(peers.viewer.news.at(-1)?.news.cause, 'delay')
})

test('PathFinder goes on when a router forgets everything, and when a relay dies', async () => {
  using peers = new SimulatedPeers()
  await peers.begin(natBehaviours.symmetric, natBehaviours['full cone'])
  peers.run(5000)
  const before = peers.host.finder.current?.name
  peers.viewer.machine.forget()
  peers.run(3000)
  assert.equal(peers.host.finder.current?.kind, 'direct')
  assert.notEqual(peers.host.finder.current?.name, before)
  peers.network.between(peers.viewer.machine, peers.relay, { isCut: true })
  peers.run(3000)
  assert.equal(peers.viewer.finder.current?.kind, 'direct')
  assert.match(peers.viewer.finder.explanation, /relay 203\.0\.113\.50:3478, no answer/)
})

test('PathFinder follows the other end to another address with the first check that comes from there', async () => {
  for (let seed = 1; seed <= 5; seed++) {
    using peers = new SimulatedPeers({ seed })
    await peers.begin(natBehaviours.symmetric, natBehaviours['full cone'])
    peers.run(5000 + 37 * seed)
    const before = peers.host.finder.current?.name
    peers.viewer.machine.forget()
    // The time between two checks, and the way there, there and back.
    peers.run(150 + 50 + 30)
    assert.notEqual(peers.host.finder.current?.name, before)
    assert.equal(peers.host.finder.current?.state, 'alive')
  }
})

test('PathFinder does not take a path for dead because its own process stood still', async () => {
  using peers = new SimulatedPeers()
  await peers.begin(natBehaviours.open, natBehaviours.open, { relay: false })
  peers.run(5000)
  const { viewer } = peers
  const moves = viewer.news.length
  // As the clock of a starved process goes: three seconds pass, and then a tick runs that was due long ago.
  const realNow = peers.clock.nowMs.bind(peers.clock)
  let skippedMs = 0
  peers.clock.nowMs = () => realNow() + skippedMs
  peers.run(120)
  skippedMs = 3000
  peers.run(1000)
  assert.equal(viewer.finder.current?.state, 'alive')
  assert.equal(viewer.news.length, moves)
})

for (const policy of pathPolicies) {
  test(`PathFinder keeps to ${policy}`, async () => {
    using peers = new SimulatedPeers({ policy })
    await peers.begin(natBehaviours.open, natBehaviours.open)
    peers.run(5000)
    const wanted = policy === 'prefer-relay' || policy === 'relay-only' ? 'relayed' : 'direct'
    assert.equal(peers.viewer.finder.current?.kind, wanted)
    assert.equal(peers.host.finder.current?.kind, wanted)
    for (const { finder } of [peers.viewer, peers.host]) {
      assert.ok(finder.paths.every(({ kind }) => rankOf(kind, policy) !== undefined))
    }
    peers.network.between(peers.viewer.machine, peers.host.machine, { isCut: true })
    peers.network.between(peers.viewer.machine, peers.relay, { isCut: true })
    peers.run(3000)
    assert.equal(peers.viewer.news.at(-1)?.news.cause, 'lost')
    peers.network.between(peers.viewer.machine, peers.host.machine, { isCut: false })
    peers.network.between(peers.viewer.machine, peers.relay, { isCut: false })
    peers.run(30_000)
    assert.equal(peers.viewer.finder.current?.kind, wanted)
    assert.equal(peers.viewer.finder.current?.state, 'alive')
  })
}

test('PathFinder answers no check of a stranger, and sends nothing to an address of which it only heard by one', async () => {
  using peers = new SimulatedPeers()
  await peers.begin(natBehaviours.open, natBehaviours.open)
  peers.run(5000)
  const stranger = peers.network.machine('stranger', '198.51.100.66')
  const socket = stranger.open(7000)
  let came = 0
  socket.listen(() => {
    came++
    return true
  })
  const contents = { transactionId: new Uint8Array(12), isControlling: true, nomination: 99 }
  const forged = encodeCheck(contents, {
    local: { fragment: 'viewer', password: 'guessed' },
    remote: { fragment: 'host', password: 'guessed too' },
  })
  const paths = peers.host.finder.paths.length
  for (let times = 0; times < 20; times++) socket.send(forged, { address: '198.51.100.10', port: 5000 })
  peers.run(5000)
  assert.equal(came, 0)
  assert.equal(peers.host.finder.paths.length, paths)
  assert.equal(peers.host.finder.current?.kind, 'direct')
})

test('PathFinder follows to a path that is dead at this end when there are answers by it, and not before', async () => {
  using peers = new SimulatedPeers()
  await peers.begin(natBehaviours.open, natBehaviours.open)
  peers.run(3000)
  const { viewer, host, relay, network } = peers
  const direct = viewer.finder.current
  network.between(viewer.machine, host.machine, { isCut: true })
  peers.run(3000)
  for (const machine of [viewer.machine, host.machine]) network.between(relay, machine, { isCut: true })
  peers.run(3000)
  const causes = () => host.news.map(({ news: { cause, path } }) => `${cause} ${path?.kind}`)
  assert.deepEqual(causes().slice(-2), ['nominated relayed', 'lost undefined'])
  const before = host.news.length

  // The viewer, who has answers by it, names it; this end's own checks are not answered yet.
  network.way(viewer.machine, host.machine).isCut = false
  const contents = { transactionId: new Uint8Array(12), isControlling: true, nomination: 99 }
  const secrets = (fragment: string) => ({ fragment, password: `secret of ${fragment}` })
  assert.ok(direct)
  viewer.socket.send(encodeCheck(contents, { local: secrets('viewer'), remote: secrets('host') }), direct.address)
  peers.run(1000)
  assert.deepEqual(causes().slice(before), [])
  network.way(host.machine, viewer.machine).isCut = false
  peers.run(1000)
  assert.deepEqual(causes().slice(before), ['nominated direct'])
})

test('PathFinder never sends by a path without answers, whatever happens to the network, and finds one within 15 s of peace', async () => {
  const event = fc.record({
    which: fc.constantFrom('direct', 'relay to viewer', 'relay to host'),
    change: fc.record({
      isCut: fc.boolean(),
      lossRatio: fc.constantFrom(0, 0, 0.1, 0.5),
      delayMs: fc.constantFrom(5, 20, 120),
    }),
    oneWay: fc.constantFrom('both', 'there', 'back'),
    forMs: fc.integer({ min: 100, max: 8000 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.array(event, { maxLength: 8 }), async (seed, events) => {
      using peers = new SimulatedPeers({ seed })
      await peers.begin(natBehaviours.restricted, natBehaviours['port-restricted'])
      peers.run(3000)
      const { viewer, host, relay, network } = peers
      const ends = {
        direct: [viewer.machine, host.machine],
        'relay to viewer': [relay, viewer.machine],
        'relay to host': [relay, host.machine],
      } as const
      const check = () => {
        for (const { finder, news } of [viewer, host]) {
          const last = news.at(-1)?.news
          const { current } = finder
          // A dead one stays the taken one only while there is none to go to, and that is told.
          if (current?.state === 'dead') assert.equal(last?.cause, 'lost')
          if (current?.state === 'dead') assert.ok(finder.paths.every(({ state }) => state !== 'alive'))
          assert.ok(finder.paths.length <= 24)
        }
      }
      for (const { which, change, oneWay, forMs } of events) {
        const [a, b] = ends[which]
        if (oneWay !== 'back') Object.assign(network.way(a, b), change)
        if (oneWay !== 'there') Object.assign(network.way(b, a), change)
        for (let ran = 0; ran < forMs; ran += 50) {
          peers.run(50)
          check()
        }
      }
      for (const [a, b] of Object.values(ends)) network.between(a, b, { isCut: false, lossRatio: 0, delayMs: 10 })
      peers.run(15_000)
      assert.equal(viewer.finder.current?.state, 'alive')
      assert.equal(host.finder.current?.name === undefined, false)
      assert.equal(viewer.finder.current?.kind, host.finder.current?.kind)
      assert.ok(peers.say(viewer, 'last'))
      peers.run(200)
      assert.equal(host.heard.at(-1)?.text, 'last')
    }),
    { numRuns: 6 },
  )
})
