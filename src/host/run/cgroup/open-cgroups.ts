import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../kernel/clock.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import { listProcesses, type ProcessEntry } from '../../child/process-table.ts'
import { memoryText, type RunLimits } from '../contract/run-rules.ts'
import type { LimitName } from '../../../domain/run-limit.ts'
import { RunError } from '../contract/run-error.ts'
import { directoriesIn, findGroups } from './find-groups.ts'
import { ownCgroup } from './own-cgroup.ts'
import { RunCgroup } from './run-cgroup.ts'

/** The control groups of this host's runs, below the one that the host itself is in. */
export interface Cgroups {
  /** Why these limits cannot be held here, and how to change that; undefined when they can. */
  whyNot(limits: RunLimits): string | undefined
  /** Which of these limits cannot be held here. */
  unheld(limits: RunLimits): readonly LimitName[]
  /** A group of its own for a run, with those of its limits that can be held; undefined where there can be none. */
  open(runId: string, limits: RunLimits | undefined): Promise<RunCgroup | undefined>
  /** Removes what is empty. */
  close(): Promise<void>
}

const controllers = ['cpu', 'memory', 'pids'] as const
type Controller = (typeof controllers)[number]

/** Where the host itself goes when its own group has to be empty. */
const serverName = 'porchlight-server'

const remedy =
  'Start Porchlight in a group of its own: systemd-run --user --scope -p Delegate=yes npm start, or as a service with Delegate=yes'

export interface CgroupOptions {
  /** Tells the groups of this host from those of others. */
  readonly hostId: string
  readonly clock: Clock
  /** The directory of the group that this process is in; found in /proc when left out. */
  readonly own?: string
}

/** Makes room for the groups of runs. Never rejects: where there can be none, `whyNot` says so. */
export async function openCgroups(options: CgroupOptions): Promise<Cgroups> {
  const { hostId, clock, own = await findOwn() } = options
  if (own === undefined) return noCgroups('This system has no cgroup v2')
  const name = `porchlight-${hostId}`
  const base = join(own, name)
  try {
    for (const left of await findGroups(own, name)) await removeBase(left, clock)
    await makeGroup(base)
  } catch (error) {
    return noCgroups(`The control group ${own} cannot be changed (${messageOf(error)}). ${remedy}`)
  }
  const missing = await missingControllers(own, base)
  return {
    whyNot: (limits) => {
      const asked = controllersOf(limits).filter((controller) => missing.has(controller))
      const [first] = asked
      return first && `No limit of ${asked.map(titleOf).join(', ')} can be held here: ${missing.get(first)}`
    },
    unheld: (limits) =>
      controllersOf(limits)
        .filter((controller) => missing.has(controller))
        .map(nameOf),
    open: async (runId, limits) => {
      const open = () => openRun(join(base, `run-${runId}`), limits, missing, clock)
      try {
        if (!existsSync(base)) await makeBaseAgain(own, base, missing)
        return await open()
      } catch (error) {
        throw new RunError('could-not-limit', `Cannot limit an app: ${messageOf(error)}`, { cause: error })
      }
    },
    close: async () => {
      for (const run of await directoriesIn(base)) await new RunCgroup(join(base, run), clock).remove()
      await new RunCgroup(base, clock).remove()
    },
  }
}

/** Somebody has removed the group of all runs: nothing could start without it. */
async function makeBaseAgain(own: string, base: string, missing: ReadonlyMap<Controller, string>): Promise<void> {
  await makeGroup(base)
  for (const controller of controllers.filter((each) => !missing.has(each))) {
    const reason = (await handDown(own, controller)) ?? (await handDown(base, controller))
    if (reason !== undefined) throw new Error(reason)
  }
}

function noCgroups(reason: string): Cgroups {
  return {
    whyNot: (limits) => (controllersOf(limits).length > 0 ? `No limits can be held here. ${reason}` : undefined),
    unheld: (limits) => controllersOf(limits).map(nameOf),
    open: async () => undefined,
    close: async () => {},
  }
}

async function findOwn(): Promise<string | undefined> {
  const read = (file: string) => readFile(file, 'utf8').catch(() => '')
  return ownCgroup(await read('/proc/self/cgroup'), await read('/proc/self/mountinfo'))
}

/** Removes a group of all runs, with all that still runs in it. */
async function removeBase(base: string, clock: Clock): Promise<void> {
  for (const run of await directoriesIn(base)) {
    const group = new RunCgroup(join(base, run), clock)
    await group.kill()
    await group.remove()
  }
  await new RunCgroup(base, clock).remove()
}

/** Hands the controllers down to the groups of runs. Those that cannot be, with the reason. */
async function missingControllers(own: string, base: string): Promise<ReadonlyMap<Controller, string>> {
  const isEmpty = await emptied(own)
  const missing = new Map<Controller, string>()
  for (const controller of controllers) {
    // Never while processes are in it: some controllers can be handed down even then, and what is below is unusable after that.
    const reason = isEmpty
      ? ((await handDown(own, controller)) ?? (await handDown(base, controller)))
      : `other programs are in its control group ${own} as well. ${remedy}`
    if (reason !== undefined) missing.set(controller, reason)
  }
  return missing
}

async function handDown(directory: string, controller: Controller): Promise<string | undefined> {
  const available = await readFile(join(directory, 'cgroup.controllers'), 'utf8').catch(() => '')
  if (!available.split(/\s/).includes(controller)) {
    return `its control group has no ${controller} controller, which is not handed down to it or in use by cgroup v1. ${remedy}`
  }
  try {
    await writeFile(join(directory, 'cgroup.subtree_control'), `+${controller}`)
    return undefined
  } catch (error) {
    return `its control group ${directory} is not its own (${messageOf(error)}). ${remedy}`
  }
}

/**
 * Moves the host, and what has started it, one group down: a group that hands controllers down holds no processes itself,
 * unless it is the root of all. False where others are in the group too, who are not ours to move.
 */
async function emptied(own: string): Promise<boolean> {
  const isRoot = !(await readdir(own)).includes('cgroup.type')
  if (isRoot) return true
  try {
    const text = await readFile(join(own, 'cgroup.procs'), 'utf8')
    const pids = [...text.matchAll(/\d+/g)].map(([pid]) => Number(pid))
    if (!areOurs(pids, await listProcesses())) return false
    const server = join(own, serverName)
    if (pids.length > 0) await makeGroup(server)
    for (const pid of pids) await writeFile(join(server, 'cgroup.procs'), String(pid))
    return true
  } catch {
    return false
  }
}

/** Whether all of these are this process, what it has started or what has started it, and none is a shell of somebody. */
export function areOurs(pids: readonly number[], all: readonly ProcessEntry[], own: number = process.pid): boolean {
  const entries = new Map(all.map((entry) => [entry.pid, entry]))
  const lineOf = (pid: number) => {
    const line = [pid]
    for (let at = entries.get(pid)?.parentPid; at !== undefined && at > 0; at = entries.get(at)?.parentPid)
      line.push(at)
    return line
  }
  const self = entries.get(own)
  const isShell = (pid: number) => self?.hasTerminal === true && pid === self.sessionId && pid !== own
  const ancestors = new Set(lineOf(own))
  return pids.every((pid) => (ancestors.has(pid) && !isShell(pid)) || lineOf(pid).includes(own))
}

async function openRun(
  directory: string,
  limits: RunLimits | undefined,
  missing: ReadonlyMap<Controller, string>,
  clock: Clock,
): Promise<RunCgroup> {
  await makeGroup(directory)
  for (const [controller, file, value] of settingsOf(limits)) {
    if (!missing.has(controller)) await writeFile(join(directory, file), value)
  }
  // Memory that is swapped out counts as well, or the limit would only make everything slow.
  if (limits?.memoryBytes !== undefined) await writeFile(join(directory, 'memory.swap.max'), '0').catch(() => {})
  const isLimited = settingsOf(limits).some(([controller]) => !missing.has(controller))
  return new RunCgroup(directory, clock, isLimited)
}

const periodUs = 100_000

function settingsOf(limits: RunLimits | undefined): readonly (readonly [Controller, string, string])[] {
  const { cpus, memoryBytes, processes } = limits ?? {}
  return [
    ...(cpus === undefined ? [] : [['cpu', 'cpu.max', `${Math.round(cpus * periodUs)} ${periodUs}`] as const]),
    ...(memoryBytes === undefined ? [] : [['memory', 'memory.max', String(memoryBytes)] as const]),
    ...(processes === undefined ? [] : [['pids', 'pids.max', String(processes)] as const]),
  ]
}

function controllersOf(limits: RunLimits): readonly Controller[] {
  return settingsOf(limits).map(([controller]) => controller)
}

const limitNames = { cpu: 'cpus', memory: 'memory', pids: 'processes' } as const

function nameOf(controller: Controller): LimitName {
  return limitNames[controller]
}

function titleOf(controller: Controller): string {
  return { cpu: 'processor time', memory: 'memory', pids: 'processes' }[controller]
}

/** One directory; its parent has to be there, for only the kernel makes groups out of nothing. */
async function makeGroup(directory: string): Promise<void> {
  await mkdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

/** How a run ended that had no memory left, for people. */
export function outOfMemory(name: string, limits: RunLimits | undefined): string {
  const limit = limits?.memoryBytes === undefined ? '' : `: it needed more than its ${memoryText(limits.memoryBytes)}`
  return `${name} was killed because it had no memory left${limit}`
}
