/**
 * The mesh of a party through routers of every kind: which path each of the 21 pairs takes, a ping and iperf3 across, and how long it takes
 * to move when that path is cut, or UDP let through where it was blocked, and when that is over. And what the mesh carries beside WireGuard alone between the
 * same two namespaces in the same run, in turns. With `--birthday` members probe for a direct path where there is no other. Takes root, wireguard-go, nft, and for the pairs iperf3.
 *
 *     npm run bench mesh [-- --rounds 3] [--megabytes 64] [--pairs all | none | 'symmetric with udp-blocked, open with open'] [--seconds 2] [--birthday]
 */
import { parseArgs } from 'node:util'
import { canPunch } from '../src/net/nat/nat-findings.ts'
import type { PathKind } from '../src/net/paths/path-policy.ts'
import { isUp } from '../src/party/connection/connection-state.ts'
import { eventually } from '../test/support/eventually.ts'
import { cutDirectPaths, MeshLab, meshLabLacks } from '../test/support/mesh/mesh-lab.ts'
import type { MemberProcess } from '../test/support/mesh/member-process.ts'
import { labNats, type LabNat } from '../test/support/nat-lab.ts'
import { inPrivateNetwork } from '../test/support/private-network.ts'
import { copyFrom, serveCopiesAt } from './support/copy-between.ts'
import { describeRun } from './support/describe-run.ts'
import { percentile, table } from './support/figures.ts'
import { hasIperf, iperf } from './support/iperf.ts'
import { BareWireGuard } from './support/bare-wireguard.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    megabytes: { type: 'string', default: '64' },
    pairs: { type: 'string', default: 'all' },
    seconds: { type: 'string', default: '2' },
    birthday: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const copyBytes = Number(values.megabytes) * 1024 * 1024
/** Of iperf3. */
const iperfS = Number(values.seconds)
/** For a path, also on a busy machine. */
const withinMs = 60_000
/** A first path may be a worse one for a moment. */
const settledMs = 15_000
const wantedPairs = new Set(values.pairs.split(',').map((each) => each.trim()))

const lacks = meshLabLacks()
if (lacks !== undefined) console.log(`Cannot measure the mesh here: ${lacks}`)
else if (await inPrivateNetwork()) await measure()

async function measure(): Promise<void> {
  console.log(`${describeRun()}\n`)
  if (values.pairs !== 'none' && !hasIperf()) console.log('Pairs take iperf3 (Debian: apt install iperf3)')
  else if (values.pairs !== 'none') {
    const rows: string[][] = []
    for (const [at, own] of labNats.entries()) {
      for (const other of labNats.slice(at)) {
        if (values.pairs !== 'all' && !wantedPairs.has(`${own} with ${other}`)) continue
        const row = await measurePair(own, other)
        // One that takes minutes shows that it goes on.
        console.error(row.join(', '))
        rows.push(row)
      }
    }
    const head = ['pair', 'expected', 'path', 'first ping', 'ping', 'iperf3 Mbit/s', 'then', 'moved to', 'and back to']
    console.log(`${table(head, rows)}\n`)
  }
  if (rounds > 0) console.log(await measureThroughput())
}

/** One pair of routers, in a lab of their own. */
async function measurePair(own: LabNat, other: LabNat): Promise<string[]> {
  await using lab = await MeshLab.open({ nats: [own, other], probesByBirthday: values.birthday })
  const [near, far] = lab.members as [MemberProcess, MemberProcess]
  const name = `${own} with ${other}`
  lab.meet()
  const startMs = performance.now()
  const isThere = await eventually(
    () => near.ping(far),
    (ms) => ms !== undefined,
    { what: name, withinMs },
  ).catch(() => undefined)
  const expected = expectedOf(own, other)
  if (isThere === undefined) return [name, expected, 'none']
  const firstMs = performance.now() - startMs
  await eventually(
    () => kindOf(near, far),
    (kind) => kind === expected,
    { what: name, withinMs: settledMs },
  ).catch(() => undefined)
  const kind = (await kindOf(near, far)) ?? 'none'
  const pings: number[] = []
  for (let times = 0; times < 20; times++) pings.push((await near.ping(far)) ?? Infinity)
  const carried = await iperf(near.host, far.host, far.start.virtualIp, iperfS)
  const figures = [
    name,
    expected,
    kind,
    seconds(firstMs),
    `${percentile(pings, 0.5).toFixed(1)} ms`,
    carried.toFixed(0),
  ]
  return [...figures, ...(await measureMoves(near, far, kind))]
}

/** What the path is when it is cut, or UDP let through, and when that is over. */
async function measureMoves(near: MemberProcess, far: MemberProcess, kind: string): Promise<string[]> {
  if (kind === 'web-port') {
    const blocked = [near, far].filter(({ host }) => host.nat === 'udp-blocked')
    const block = (isBlocked: boolean) => Promise.all(blocked.map(({ host }) => host.blockUdp(isBlocked)))
    await block(false)
    const off = await untilMoved(near, far, (now) => now !== undefined && now !== kind)
    await block(true)
    return ['UDP let through', off, await untilMoved(near, far, (now) => now === kind)]
  }
  const withRelay = kind === 'relayed'
  const mend = await cutDirectPaths(near, { withRelay })
  const away = await untilMoved(near, far, (now) => now !== undefined && now !== kind)
  mend()
  return [withRelay ? 'UDP cut' : 'direct path cut', away, await untilMoved(near, far, (now) => now === kind)]
}

/** What by the table of docs/network.md is to be expected. */
function expectedOf(own: LabNat, other: LabNat): PathKind {
  if (own === 'udp-blocked' || other === 'udp-blocked') return 'web-port'
  // By birthday no two meet who both have a port for each destination.
  return canPunch(own, other) === 'yes' || (values.birthday && own !== other) ? 'direct' : 'relayed'
}

/** The same copy through the mesh's two machines, and through bare WireGuard between the same namespaces, in turns. */
async function measureThroughput(): Promise<string> {
  await using lab = await MeshLab.open({ nats: ['open', 'open'], copyBytes })
  const [near, far] = lab.members as [MemberProcess, MemberProcess]
  lab.meet()
  await eventually(
    () => near.ping(far),
    (ms) => ms !== undefined,
    { what: 'the mesh is there', withinMs },
  )
  await using bare = await BareWireGuard.open([near.host, far.host])
  const addresses = [far.start.virtualIp, bare.address] as const
  await using servers = new AsyncDisposableStack()
  for (const address of addresses) servers.use(await serveCopiesAt(far.host, address, copyBytes))
  const through: number[] = []
  const beside: number[] = []
  for (let round = 0; round < rounds; round++) {
    through.push(await copyFrom(near.host, addresses[0], copyBytes))
    beside.push(await copyFrom(near.host, addresses[1], copyBytes))
  }
  const [mesh, plain] = [Math.max(...through), Math.max(...beside)]
  return table(
    ['a copy by TCP, best of ' + rounds, 'Mbit/s', 'ratio'],
    [
      ['wireguard-go alone', plain.toFixed(0), '1.00'],
      ['the mesh: wireguard-go, its proxy and paths', mesh.toFixed(0), (mesh / plain).toFixed(2)],
    ],
  )
}

async function kindOf(near: MemberProcess, far: MemberProcess): Promise<string | undefined> {
  const { reach } = await near.status()
  const state = reach.find(({ peerId }) => peerId === far.start.id)?.state
  return state && isUp(state) ? state.kind : undefined
}

/** Which path it is when it is one that is wanted, and after how long; a ping has come back by it. */
async function untilMoved(
  near: MemberProcess,
  far: MemberProcess,
  isWanted: (kind: string | undefined) => boolean,
): Promise<string> {
  const startMs = performance.now()
  try {
    const kind = await eventually(() => kindOf(near, far), isWanted, { what: 'the path is the wanted one', withinMs })
    await eventually(
      () => near.ping(far),
      (ms) => ms !== undefined,
      { what: 'a ping comes back', withinMs },
    )
    return `${kind} ${seconds(performance.now() - startMs)}`
  } catch {
    return 'never'
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
