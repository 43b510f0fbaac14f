import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import type { ExitStatus } from './exits.ts'
import { openPosixSpawn, type Spawn } from './posix-spawn.ts'

export interface ProcessOptions {
  /** An absolute path, and the words after it. */
  readonly command: readonly [file: string, ...words: string[]]
  /** All of it: nothing is inherited. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where it starts; that of this process by default. */
  readonly directory?: string
  /** Those of its descriptors that are a pipe to here, both ways; the others up to 2 are /dev/null. */
  readonly pipes: readonly number[]
}

/** A process in a session and a group of its own. */
export interface StartedProcess {
  readonly pid: number
  /** Our end of the pipe that is this descriptor of it. Throws RangeError for one that was not asked for. */
  pipe(descriptor: number): Socket
  /** Undefined while it lives. */
  readonly status: ExitStatus | undefined
  readonly exited: Promise<ExitStatus>
  /** Nothing once it has ended. */
  kill(signal: NodeJS.Signals): void
}

/** Undefined where it goes by Node alone. One for the process, as the signal that tells of its children is. */
let posixSpawn: Promise<Spawn | undefined> | undefined

/**
 * Starts a process without keeping the event loop waiting, where the system can do that: by posix_spawn(3) on Linux with glibc, by Node elsewhere.
 * Call it on the main thread. Rejects with the system's error.
 */
export async function startProcess(options: ProcessOptions): Promise<StartedProcess> {
  posixSpawn ??= process.platform === 'linux' ? openPosixSpawn().catch(() => undefined) : Promise.resolve(undefined)
  const spawnIt = await posixSpawn
  if (!spawnIt) return await startByNode(options)
  const { command, env, directory, pipes } = options
  const environment = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
  // The system would take what is before it for all.
  if ([...command, ...environment, directory ?? ''].some((text) => text.includes('\0'))) {
    throw new RangeError(`Cannot start ${command[0]}: its words, environment or directory have a zero byte`)
  }
  const { pid, descriptors, exited } = await spawnIt({ command, environment, directory, pipes })
  const sockets = new Map([...descriptors].map(([at, fd]) => [at, new Socket({ fd, readable: true, writable: true })]))
  return runningProcess(pid, sockets, exited)
}

async function startByNode({ command, env, directory, pipes }: ProcessOptions): Promise<StartedProcess> {
  const [file, ...words] = command
  const stdio = Array.from({ length: Math.max(2, ...pipes) + 1 }, (_, at) => (pipes.includes(at) ? 'pipe' : 'ignore'))
  const child = spawn(file, words, { cwd: directory, env: { ...env }, detached: true, stdio })
  const exited: Promise<ExitStatus> = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
  // It may not have begun at all, which is told next.
  exited.catch(() => {})
  await once(child, 'spawn')
  const sockets = new Map(pipes.map((at) => [at, child.stdio[at] as Socket]))
  return runningProcess(child.pid ?? 0, sockets, exited)
}

function runningProcess(
  pid: number,
  sockets: ReadonlyMap<number, Socket>,
  exited: Promise<ExitStatus>,
): StartedProcess {
  let status: ExitStatus | undefined
  void exited.then((value) => (status = value))
  return {
    pid,
    exited,
    get status() {
      return status
    },
    pipe(descriptor) {
      const socket = sockets.get(descriptor)
      if (!socket) throw new RangeError(`Cannot talk to process ${pid}: its descriptor ${descriptor} is no pipe`)
      return socket
    },
    kill(signal) {
      if (status) return
      try {
        process.kill(pid, signal)
      } catch {
        // It has become somebody whom we may not signal: its end is seen all the same.
      }
    },
  }
}
