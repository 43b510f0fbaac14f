import { stat, readdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { userInfo } from 'node:os'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import type { FindProgram } from '../apps/definition/requirement.ts'
import { runName } from '../child/process-tree.ts'
import type { ServerView, Shelter } from '../child/shelter.ts'
import { outOfMemory, type Cgroups } from './cgroup/open-cgroups.ts'
import type { RunCgroup } from './cgroup/run-cgroup.ts'
import type { Containers } from './container/containers.ts'
import { RunError } from './contract/run-error.ts'
import { runProcess } from './run-process.ts'
import type { RunLimits } from './contract/run-rules.ts'
import type { Account, RunScope, ScopeRequest } from './contract/run-scope.ts'
import type { Enclosure, RunningApp, ScopedRun } from './contract/runner.ts'
import type { Identity, UserIds, OwnUser } from './sandbox/identity.ts'
import { plainWords, rootWords } from './sandbox/plain-words.ts'
import { isVisible, sandboxWords, withoutSharedMemory } from './sandbox/sandbox-words.ts'
import { serverWords } from './sandbox/server-words.ts'
import { writeMoreAccounts, writeOwnAccounts, type PlacedFiles } from './users/account-files.ts'
import type { AppUsers } from './users/app-users.ts'
import { giveTree } from './users/give-tree.ts'

export interface ScopeParts {
  readonly hostId: string
  readonly find: FindProgram
  readonly cgroups: Cgroups
  readonly containers: Containers
  /** Where bubblewrap is, if it works here. */
  readonly bwrap: string | undefined
  /** Undefined where everything runs as the one who started Porchlight. */
  readonly users: { readonly of: AppUsers; readonly setpriv: string } | undefined
  readonly clock: Clock
  readonly log: Log
}

/** Who the app is where it has a user of its own. */
const ownName = 'porchlight'

/** Makes ready what the app and the servers of one run have in common. Rejects with {@link RunError} `could-not-limit`. */
export async function openScope(request: ScopeRequest, parts: ScopeParts): Promise<RunScope> {
  const { home, limits } = request
  await using undo = new AsyncDisposableStack()
  const user = await takeUser(parts, home)
  undo.defer(() => user.release?.())
  const identity = await identityOf(parts, request, user.ids)
  // It may have been an own user's, before root was chosen.
  const isChosen = identity.kind === 'root' && user.problem === undefined
  if (isChosen && request.enclosure !== 'container') await giveTree(home, { uid: 0, gid: 0 })
  const account = { name: identity.kind === 'ordinary' ? hostName() : ownName, shell: shellOf() }
  const files = await filesOf(request, identity, account)
  const group = await parts.cgroups.open(runName(parts.hostId, request.runId), withServers(limits))
  undo.defer(async () => group?.remove())
  const scope = new OpenScope({ request, parts, identity, account, files, group })
  const opened = undo.move()
  return {
    shelter: (part) => scope.shelter(part),
    account: identity.kind === 'own' ? account : undefined,
    unheldLimits: request.enclosure === 'container' ? [] : parts.cgroups.unheld(limits),
    warnings: [...(await warningsOf(request, identity, parts.cgroups)), ...(user.problem ? [user.problem] : [])],
    run: (options) => scope.run(options),
    outOfMemory: async () => {
      const isKilled = group !== undefined && (await group.memoryKills()) > 0
      return isKilled ? outOfMemory('Something of it', limits) : undefined
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

interface OpenScopeOptions {
  readonly request: ScopeRequest
  readonly parts: ScopeParts
  readonly identity: Identity
  readonly account: Account
  readonly files: { readonly own: PlacedFiles; readonly more: PlacedFiles }
  readonly group: RunCgroup | undefined
}

class OpenScope {
  readonly #options: OpenScopeOptions

  constructor(options: OpenScopeOptions) {
    this.#options = options
  }

  async shelter(part: 'display' | 'sound'): Promise<Shelter> {
    const { parts, identity, files, group } = this.#options
    const { bwrap } = parts
    const enter = (await group?.part(part))?.wrapper ?? []
    const shut = (view: ServerView) =>
      bwrap === undefined ? [] : serverWords({ view, bwrap, identity, files: files.own, exists: existsSync })
    return {
      isEnclosed: bwrap !== undefined,
      wrap: (view) => [...enter, ...shut(view)],
      give: (...paths) => this.#give(paths),
    }
  }

  async run(asked: ScopedRun): Promise<RunningApp> {
    const { request, parts, identity, group } = this.#options
    const { hostId, containers, log, clock } = parts
    const run = { ...asked, limits: request.limits, runId: runName(hostId, asked.runId) }
    const { enclosure, place } = run
    if (enclosure?.kind === 'container') {
      return containers.run(run, { rules: enclosure.rules, user: identity.kind === 'own' ? identity.ids : undefined })
    }
    await this.#give([place.appDirectory, place.runtimeDirectory])
    const isShut = enclosure !== undefined
    const words = isShut ? await this.#sandboxed(run, enclosure) : await this.#onMachine(run)
    const env = isShut ? { ...run.env, ...withoutSharedMemory } : run.env
    return runProcess({ ...run, env, wrapper: words, group: await group?.part(`app-${asked.runId}`), log, clock })
  }

  async #sandboxed(run: ScopedRun, { rules }: Extract<Enclosure, { kind: 'sandbox' }>): Promise<readonly string[]> {
    const { parts, identity, files } = this.#options
    const { bwrap } = parts
    const { directory, place, command } = run
    if (bwrap === undefined) throw new RunError('could-not-start', 'Cannot start a sandbox: bwrap is not installed')
    if (!isVisible(directory, rules, place.home)) {
      const message = `Cannot run ${command?.[0]} in ${directory}: that is not visible in its sandbox; add it to readable`
      throw new RunError('directory-not-found', message)
    }
    return sandboxWords({ rules, place, bwrap, identity, files: files.own, directory, exists: existsSync })
  }

  async #onMachine({ directory, place }: ScopedRun): Promise<readonly string[]> {
    const { parts, identity, files } = this.#options
    const { bwrap } = parts
    if (bwrap === undefined || identity.kind === 'ordinary') return []
    if (identity.kind === 'root') return rootWords(bwrap, directory)
    const { home, runtimeDirectory, appDirectory, display, sound } = place
    const sockets = [display.socket, ...(sound ? [sound.directory] : [])]
    const reach = [home, runtimeDirectory, appDirectory, display.authorityFile, ...sockets]
    return plainWords({ bwrap, identity, files: files.more, reach, directory })
  }

  async #give(paths: readonly string[]): Promise<void> {
    const { identity } = this.#options
    if (identity.kind !== 'own') return
    for (const path of paths) await giveTree(path, identity.ids)
  }
}

/** Display, sound server and what shuts all of them in: they are there whatever an app does. */
const processesOfServers = 24

function withServers({ processes, ...limits }: RunLimits): RunLimits {
  return { ...limits, processes: processes === undefined ? undefined : processes + processesOfServers }
}

interface TakenUser {
  readonly ids?: UserIds
  readonly release?: () => void
  /** Why there is none although there should be. */
  readonly problem?: string
}

/** A home may be where nobody's owner can be changed, on a network file system for instance. */
async function takeUser({ users, log }: ScopeParts, home: string): Promise<TakenUser> {
  try {
    return (await users?.of.take(home)) ?? {}
  } catch (error) {
    const problem = `It runs as root: its home cannot be given to a user of its own (${messageOf(error)})`
    log.warn(problem, { home })
    return { problem }
  }
}

/** What was let in and is of no use to a user who is not root, and what an engine does not hold to the limits of a container. */
async function warningsOf(request: ScopeRequest, identity: Identity, cgroups: Cgroups): Promise<readonly string[]> {
  const why = request.enclosure === 'container' ? cgroups.whyNot(request.limits) : undefined
  const beside = why === undefined ? [] : [`Its display and its sound server are not held to its limits. ${why}`]
  if (identity.kind !== 'own') return beside
  const closed = []
  for (const path of request.writable) if (!(await mayWrite(path, identity.ids))) closed.push(path)
  const unwritable = (path: string) =>
    `It cannot write ${path}: that belongs to another user. Let everybody write there (chmod)`
  return [...beside, ...closed.map(unwritable)]
}

/** Devices that apps on the machine as it is may use as players do who sit at it: graphics cards and gamepads. */
const usualDevices = ['/dev/dri', '/dev/input']

async function identityOf({ users }: ScopeParts, request: ScopeRequest, ids: UserIds | undefined): Promise<Identity> {
  if (!ids || !users) return { kind: process.getuid?.() === 0 ? 'root' : 'ordinary' }
  const groups = await groupsOf(request.devices ?? usualDevices)
  return { kind: 'own', ids: { ...ids, groups }, setpriv: users.setpriv }
}

/** For programs that look up who they are. */
async function filesOf({ home, directory }: ScopeRequest, identity: Identity, account: Account) {
  const ids = identity.kind === 'own' ? identity.ids : ordinaryIds()
  const accounts = { account, ids, home }
  return {
    own: await writeOwnAccounts({ ...accounts, directory: join(directory, 'own-etc') }),
    more: await writeMoreAccounts({ ...accounts, directory: join(directory, 'etc') }),
  }
}

/** In a sandbox, root is user 1000. */
function ordinaryIds() {
  const [uid = 1000, gid = 1000] = [process.getuid?.(), process.getgid?.()]
  return uid === 0 ? { uid: 1000, gid: 1000 } : { uid, gid }
}

/** In a container, the one who runs there may have a number and no name. */
function hostName(): string {
  try {
    return userInfo().username
  } catch {
    return ownName
  }
}

/** What a new user of this machine gets. */
function shellOf(): string {
  return existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh'
}

/** Whether a user may write a file or directory, as its mode says it; what is not there is nobody's to write. */
async function mayWrite(path: string, { uid, gid, groups }: OwnUser): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return false
  if (found.uid === uid) return (found.mode & 0o200) !== 0
  return ([gid, ...groups].includes(found.gid) && (found.mode & 0o020) !== 0) || (found.mode & 0o002) !== 0
}

/** The groups that may use these device nodes, or those in these directories; never root's. */
async function groupsOf(paths: readonly string[]): Promise<readonly number[]> {
  const groups = new Set<number>()
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined)
    if (!found) continue
    const inside = found.isDirectory() ? await readdir(path).catch(() => []) : undefined
    for (const node of inside?.map((name) => join(path, name)) ?? [path]) {
      const device = await stat(node).catch(() => undefined)
      if (device?.isCharacterDevice() && (device.mode & 0o060) === 0o060 && device.gid !== 0) groups.add(device.gid)
    }
  }
  return [...groups].toSorted((a, b) => a - b)
}
