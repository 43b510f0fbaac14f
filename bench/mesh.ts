/**
 * The mesh of a party through routers of every kind: which path each pair takes, a ping and a copy by TCP across, and how long it takes
 * to move when the direct path is cut. And what the mesh carries beside WireGuard alone between the same two namespaces in the same run,
 * in turns. Takes root, wireguard-go and nft.
 *
 *     npm run bench mesh [-- --rounds 3] [--megabytes 64] [--pairs all | none | 'symmetric with udp-blocked']
 */
import { parseArgs } from 'node:util'
import { canPunch } from '../src/net/nat/nat-findings.ts'
import { isUp } from '../src/party/connection/connection-state.ts'
import { eventually } from '../test/support/eventually.ts'
import { cutDirectPaths, MeshLab, meshLabLacks } from '../test/support/mesh/mesh-lab.ts'
import type { MemberProcess } from '../test/support/mesh/member-process.ts'
import { labNats, type LabNat } from '../test/support/nat-lab.ts'
import { inPrivateNetwork } from '../test/support/private-network.ts'
import { copyFrom, serveCopiesAt } from './support/copy-between.ts'
import { describeRun } from './support/describe-run.ts'
import { percentile, table } from './support/figures.ts'
import { BareWireGuard } from './support/bare-wireguard.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    megabytes: { type: 'string', default: '64' },
    pairs: { type: 'string', default: 'all' },
  },
})
const rounds = Number(values.rounds)
const copyBytes = Number(values.megabytes) * 1024 * 1024
/** For a path, also on a busy machine; and after so long without one there is none. */
const withinMs = 60_000
const blockedMs = 20_000

const lacks = meshLabLacks()
if (lacks !== undefined) console.log(`Cannot measure the mesh here: ${lacks}`)
else if (await inPrivateNetwork()) await measure()

async function measure(): Promise<void> {
  console.log(`${describeRun()}\n`)
  if (values.pairs !== 'none') {
    const rows: string[][] = []
    for (const [at, own] of labNats.entries()) {
      for (const other of labNats.slice(at)) {
        if (values.pairs === 'all' || values.pairs === `${own} with ${other}`) rows.push(await measurePair(own, other))
      }
    }
    const head = ['pair', 'expected', 'path', 'first path', 'ping', 'copy', 'moved to the relay', 'moved back']
    console.log(`${table(head, rows)}\n`)
  }
  console.log(await measureThroughput())
}

/** One pair of routers, in a lab of their own. */
async function measurePair(own: LabNat, other: LabNat): Promise<string[]> {
  await using lab = await MeshLab.open({ nats: [own, other], copyBytes: Math.min(copyBytes, 8 * 1024 * 1024) })
  const [near, far] = lab.members as [MemberProcess, MemberProcess]
  const isBlocked = own === 'udp-blocked' || other === 'udp-blocked'
  const expected = isBlocked ? 'none by UDP' : canPunch(own, other) === 'yes' ? 'direct' : 'relayed'
  const name = `${own} with ${other}`
  lab.meet()
  const startMs = performance.now()
  const found = await timeOf(near, far, (kind) => kind !== undefined, isBlocked ? blockedMs : withinMs)
  if (found === undefined) return [name, expected, 'none', '', '', '', '', '']
  await eventually(
    () => near.ping(far),
    (ms) => ms !== undefined,
    { what: `${name}: a ping comes back`, withinMs },
  )
  const firstMs = performance.now() - startMs
  const pings: number[] = []
  for (let times = 0; times < 20; times++) pings.push((await near.ping(far)) ?? Infinity)
  const kind = await kindOf(near, far)
  const copied = await near.copy(far)
  const figures = [name, expected, kind ?? 'none', `${(firstMs / 1000).toFixed(1)} s`]
  const carried = [`${percentile(pings, 0.5).toFixed(1)} ms`, `${copied.toFixed(0)} Mbit/s`]
  if (kind !== 'direct') return [...figures, ...carried, '', '']
  const mend = await cutDirectPaths(near)
  const away = await timeOf(near, far, (now) => now === 'relayed')
  mend()
  const back = await timeOf(near, far, (now) => now === 'direct')
  return [...figures, ...carried, seconds(away), seconds(back)]
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

/** Milliseconds until the path is one that is wanted; undefined when it never is. */
async function timeOf(
  near: MemberProcess,
  far: MemberProcess,
  isWanted: (kind: string | undefined) => boolean,
  patienceMs = withinMs,
): Promise<number | undefined> {
  const startMs = performance.now()
  try {
    await eventually(() => kindOf(near, far), isWanted, { what: 'the path is the wanted one', withinMs: patienceMs })
    return performance.now() - startMs
  } catch {
    return undefined
  }
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? 'never' : `${(ms / 1000).toFixed(1)} s`
}
