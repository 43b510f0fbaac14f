import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { canPunch } from '../../../src/net/nat/nat-findings.ts'
import { isUp } from '../../../src/party/connection/connection-state.ts'
import { interfaceNameOf } from '../../../src/party/mesh/device/mesh-interface.ts'
import { socketOf } from '../../../src/party/mesh/device/user-space-wireguard.ts'
import { eventually } from '../../support/eventually.ts'
import { cutDirectPaths, MeshLab, meshLabLacks } from '../../support/mesh/mesh-lab.ts'
import { MemberProcess } from '../../support/mesh/member-process.ts'
import { inPrivateNetwork } from '../../support/private-network.ts'

/** For what comes, also on a busy machine. */
const withinMs = 60_000
const nats = ['open', 'full cone', 'restricted', 'port-restricted', 'symmetric', 'udp-blocked'] as const

async function testMesh(): Promise<void> {
  const lab = await MeshLab.open({ nats, copyBytes: 512 * 1024 })
  after(() => lab[Symbol.asyncDispose]())
  const [first, second, third, fourth, fifth, sixth] = lab.members as [
    MemberProcess,
    MemberProcess,
    MemberProcess,
    MemberProcess,
    MemberProcess,
    MemberProcess,
  ]
  const pairs = lab.members.flatMap((from) => lab.members.flatMap((to) => (from === to ? [] : [{ from, to }])))
  lab.meet()

  test('six machines behind routers of six kinds form a full mesh, direct wherever two routers let them, in the tunnel where UDP is blocked', async () => {
    await eventually(
      async () => {
        const statuses = await Promise.all(lab.members.map((member) => member.status()))
        return pairs.flatMap(({ from, to }) => {
          const isBlocked = [from, to].some(({ host }) => host.nat === 'udp-blocked')
          const byUdp = canPunch(from.host.nat, to.host.nat) === 'yes' ? 'direct' : 'relayed'
          const expected = isBlocked ? 'web-port' : byUdp
          const reach = statuses[lab.members.indexOf(from)]?.reach.find(({ peerId }) => peerId === to.start.id)
          const isRight = reach && isUp(reach.state) && reach.state.kind === expected
          return isRight ? [] : [`${from.host.nat} to ${to.host.nat}: ${reach?.explanation}`]
        })
      },
      (missing) => missing.length === 0,
      { what: 'each pair has the path that it should have', withinMs },
    )
    await everybodyAnswers(pairs)
    const { mesh, nat } = await fifth.status()
    assert.equal(nat, 'symmetric')
    assert.ok(mesh.state === 'on')
    assert.equal(mesh.peers.filter(({ handshakeMs }) => handshakeMs !== undefined).length, 5)
    const { reach } = await sixth.status()
    assert.match(reach[0]?.explanation ?? '', /^tunnel: UDP is blocked here; web port/)
  })

  test('a copy by TCP goes through, directly, by the relay and in the tunnel', async () => {
    assert.ok((await second.copy(first)) > 0)
    assert.ok((await fourth.copy(fifth)) > 0)
    assert.ok((await sixth.copy(fifth)) > 0)
  })

  test('a pair whose direct path is cut goes on by the relay, and directly when it is back, on the same addresses', async () => {
    const kindOf = async () => {
      const { reach } = await first.status()
      const state = reach.find(({ peerId }) => peerId === second.start.id)?.state
      return state && isUp(state) ? state.kind : state?.name
    }
    const mend = await cutDirectPaths(first)
    await eventually(kindOf, (kind) => kind === 'relayed', { what: 'the relay carries the pair', withinMs })
    await everybodyAnswers([{ from: first, to: second }])
    mend()
    await eventually(kindOf, (kind) => kind === 'direct', { what: 'the pair is direct again', withinMs })
    await everybodyAnswers([{ from: first, to: second }])
  })

  test('a game that asks its LAN who is there hears all others, from their own addresses', async () => {
    await eventually(
      async () => {
        await third.broadcast('who is there?', '255.255.255.255')
        return new Set(
          third.heard.filter(({ text }) => text.startsWith('I am')).map(({ text, from }) => `${text} ${from}`),
        )
      },
      (answers) => [1, 2, 4, 5, 6].every((each) => answers.has(`I am m${each} 10.66.0.${each}`)),
      { what: 'each of the others answers', withinMs },
    )
    for (const member of [first, second, fourth, fifth, sixth]) {
      assert.ok(member.heard.some(({ text, from }) => text === 'who is there?' && from === third.start.virtualIp))
    }
  })

  test('a storm of broadcasts reaches others as a few, and is counted', async () => {
    const before = first.heard.length
    await fourth.broadcast('storm ', '255.255.255.255', 2000)
    const counts = await eventually(
      async () => {
        const { mesh } = await fourth.status()
        return mesh.state === 'on' ? mesh.broadcasts : undefined
      },
      (seen) => (seen?.tooMany ?? 0) > 0,
      { what: 'the storm is counted', withinMs },
    )
    assert.ok(counts && counts.tooMany > counts.forwarded)
    assert.ok(first.heard.length - before < 1000, `${first.heard.length - before} were heard`)
  })

  test('one that leaves takes its interface away, and what one that was killed has left goes at its next start', async () => {
    const traces = ({ start: { home } }: MemberProcess) =>
      [socketOf(interfaceNameOf(home)), join(home, 'mesh-interface.json')].filter(existsSync).length
    assert.equal(traces(fifth), 2)
    await fifth.leave()
    assert.equal(traces(fifth), 0)
    await fourth.kill()
    assert.ok(traces(fourth) > 0)
    await using again = await MemberProcess.open(fourth.host, fourth.start)
    assert.equal((await again.status()).mesh.state, 'on')
    await again.leave()
    assert.equal(traces(again), 0)
  })
}

async function everybodyAnswers(pairs: readonly { from: MemberProcess; to: MemberProcess }[]): Promise<void> {
  for (const { from, to } of pairs) {
    await eventually(
      () => from.ping(to),
      (ms) => ms !== undefined,
      { what: `${to.start.id} answers ${from.start.id}`, withinMs },
    )
  }
}

const lacks = meshLabLacks()
if (lacks !== undefined) test('the mesh of a party', { skip: lacks })
else if (await inPrivateNetwork()) await testMesh()
