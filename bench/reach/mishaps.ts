import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { setTimeout as pause } from 'node:timers/promises'
import type { LabHost } from '../../test/support/nat-lab.ts'
import { treeOf } from '../../test/support/processes-of.ts'
import { openSlowPath } from '../support/slow-path.ts'
import { monotonicMs, type WatchingViewer } from '../support/watching-viewer.ts'
import type { ReachedHouse } from './reached-house.ts'

const run = promisify(execFile)
const starvedMs = 3000

/** What happens to running sessions. */
export interface RealMishap {
  /** By which path the sessions run before it. */
  readonly kind: 'direct' | 'relay'
  /** Lets it happen. Resolves with when new pictures are counted from, and with what heals it, if anything does. */
  readonly happen: (
    house: ReachedHouse,
    viewers: readonly WatchingViewer[],
  ) => Promise<{
    readonly fromMs: number
    readonly heal?: () => Promise<void>
    readonly whom: readonly WatchingViewer[]
  }>
  readonly watchMs: number
}

/** Rules for the routers of the viewers, on what goes between them and the host. */
function filtered(rule: (host: string) => string): RealMishap['happen'] {
  return async ({ house }, viewers) => {
    const set = (rules: string | undefined) => Promise.all(viewers.map(({ at }) => at.filter(rules)))
    const chain = (rules: string) => `chain cut { type filter hook forward priority filter - 5; ${rules} }`
    await set(chain(rule(house.outside)))
    return { fromMs: monotonicMs(), whom: viewers, heal: async () => void (await set(undefined)) }
  }
}

const toHost = (host: string) => `ip daddr ${host} meta l4proto udp`
const toViewer = (host: string) => `ip saddr ${host} meta l4proto udp`
const aFifth = 'numgen random mod 100 < 20'
/** A dead path is left after 1.2 s, a degraded one after three and twelve checks, one that loses by halves in about a second. */
const [deadMs, degradedMs] = [5000, 9000]

export const realMishaps: Readonly<Record<string, RealMishap>> = {
  'path cut': {
    kind: 'direct',
    happen: filtered((host) => `${toHost(host)} drop; ${toViewer(host)} drop;`),
    watchMs: deadMs,
  },
  'cut to the viewer': { kind: 'direct', happen: filtered((host) => `${toViewer(host)} drop;`), watchMs: deadMs },
  'cut to the host': { kind: 'direct', happen: filtered((host) => `${toHost(host)} drop;`), watchMs: deadMs },
  'a fifth is lost': {
    kind: 'direct',
    happen: filtered((host) => `${toHost(host)} ${aFifth} drop; ${toViewer(host)} ${aFifth} drop;`),
    watchMs: degradedMs,
  },
  '80 ms more': {
    kind: 'direct',
    async happen({ house }, viewers) {
      const slow = await openSlowPath(
        house,
        viewers.map(({ at }) => at.outside),
        80,
      )
      return { fromMs: monotonicMs(), whom: viewers, heal: async () => await slow[Symbol.asyncDispose]() }
    },
    watchMs: degradedMs,
  },
  'another address': {
    kind: 'direct',
    async happen(_house, viewers) {
      await Promise.all(viewers.map(({ at }) => moveTo(at, at.address.replace(/\.2$/, '.77'))))
      const fromMs = monotonicMs()
      const heal = async () => void (await Promise.all(viewers.map(({ at }) => moveTo(at, at.address))))
      return { fromMs, whom: viewers, heal }
    },
    watchMs: deadMs,
  },
  'relay killed': {
    kind: 'relay',
    async happen({ relays }, viewers) {
      const on = (name: string) => viewers.filter(({ path }) => path.includes(name))
      const [killed] = relays.toSorted((a, b) => on(b.name).length - on(a.name).length)
      const whom = on(killed?.name ?? '')
      await killed?.kill()
      return { fromMs: monotonicMs(), whom, heal: async () => await killed?.start() }
    },
    watchMs: deadMs,
  },
  'host starved for 3 s': {
    kind: 'direct',
    async happen({ server }, viewers) {
      const tree = await treeOf(server.pid)
      for (const pid of tree) process.kill(pid, 'SIGSTOP')
      await pause(starvedMs)
      const fromMs = monotonicMs()
      for (const pid of tree.toReversed()) process.kill(pid, 'SIGCONT')
      return { fromMs, whom: viewers }
    },
    watchMs: deadMs,
  },
}

/** The machine has another address on its network, and the one before no more. */
async function moveTo(at: LabHost, address: string): Promise<void> {
  const router = at.address.replace(/\.2$/, '.1')
  const script = `ip address flush dev eth0; ip address add ${address}/24 dev eth0; ip route replace default via ${router}`
  const [first, ...rest] = [...at.prefix, 'sh', '-c', script]
  await run(first, rest)
}
