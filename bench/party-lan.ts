/**
 * Two machines on one switch, each with a real host and nothing in common but the network: one makes a party, the other one joins by the code
 * alone. It finds the party by multicast DNS, without an address from anybody. Tells how long each step took, and from where each has what
 * it knows; ends with 1 where it does not come to it. Takes root, `ip` with bridges, `unshare` and `nsenter`.
 *
 *     npm run bench party-lan
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as v from 'valibot'
import { eventually } from '../test/support/eventually.ts'
import { LanLab, type LanHost } from '../test/support/lan-lab.ts'
import { inPrivateNetwork } from '../test/support/private-network.ts'
import { openPorchlight, type RunningPorchlight } from '../test/support/running-porchlight.ts'
import { describeRun } from './support/describe-run.ts'
import { table } from './support/figures.ts'

const run = promisify(execFile)
const main = join(import.meta.dirname, '../src/cli/main.ts')
const withinMs = 120_000

/** What of a party's status is looked at. */
const status = v.object({
  status: v.picklist(['in_party', 'no_party']),
  code: v.optional(v.string(), ''),
  mode: v.optional(v.string(), ''),
  control_plane: v.optional(v.string(), ''),
  peer_count: v.optional(v.number(), 0),
  lobbies: v.optional(v.record(v.string(), v.array(v.object({ title: v.string() }))), {}),
  party: v.optional(v.object({ peers: v.record(v.string(), v.object({ connection_type: v.string() })) })),
})

interface Machine {
  readonly host: LanHost
  readonly porchlight: RunningPorchlight
}

if (await inPrivateNetwork()) await measure()

async function measure(): Promise<void> {
  console.log(`${describeRun()}\n`)
  await using open = new AsyncDisposableStack()
  const lab = open.use(await LanLab.open(2))
  const machines = await Promise.all(
    lab.hosts.map(async (host): Promise<Machine> => {
      // Members on one machine find each other in its directory of temporary files: these two have none in common.
      const temporary = await mkdtemp(join(tmpdir(), 'porchlight-lan-'))
      open.defer(() => rm(temporary, { recursive: true, force: true }))
      await mkdir(join(temporary, 'tmp'))
      const environment = { TMPDIR: join(temporary, 'tmp') }
      const flags = ['--host', '0.0.0.0', '--app', 'test-pattern', '--mesh', 'off']
      return { host, porchlight: open.use(await openPorchlight({ prefix: host.prefix, flags, environment })) }
    }),
  )
  const [ada, bob] = machines as [Machine, Machine]
  const rows: string[][] = []
  const timed = async <T>(what: string, deed: () => Promise<T>): Promise<T> => {
    const startedMs = performance.now()
    const result = await deed()
    rows.push([what, `${((performance.now() - startedMs) / 1000).toFixed(1)} s`])
    return result
  }
  const made = await timed('a party is made', () => party(ada, 'create', 'Friday'))
  const { code } = made
  await timed('another machine joins by the code', async () =>
    eventually(
      () => party(bob, 'join', code).catch(() => undefined),
      (view) => view?.status === 'in_party',
      { what: 'a party that is found by its code', withinMs },
    ),
  )
  const seen = await timed('both see each other’s lobbies', () =>
    Promise.all(
      machines.map((machine) =>
        eventually(
          () => party(machine, 'status'),
          ({ lobbies }) => Object.values(lobbies).some((each) => each.length === 1),
          { what: 'a wall with the other one’s lobby', withinMs },
        ),
      ),
    ),
  )
  console.log(`${table(['step', 'took'], rows)}\n`)
  const told = seen.map((view, at) => {
    const lobbies = Object.values(view.lobbies).flatMap((each) => each.map(({ title }) => title))
    const kinds = Object.values(view.party?.peers ?? {}).map((peer) => peer.connection_type)
    return [lab.hosts[at]?.address ?? '', view.mode, view.control_plane, lobbies.join(', '), kinds.join(', ')]
  })
  console.log(table(['machine', 'mode', 'its control plane', 'the other one’s lobbies', 'peers'], told))
}

/** A party command there, as its user types it, and what the host says of its party then. */
async function party({ host, porchlight }: Machine, ...words: readonly string[]) {
  const [command = '', ...args] = [...host.prefix, process.execPath, main, 'party', ...words]
  const data = ['--data', join(porchlight.directory, 'data'), '--json']
  const { stdout } = await run(command, [...args, ...data], { env: { ...process.env, HOME: porchlight.directory } })
  return v.parse(status, JSON.parse(stdout))
}
