import { getSystemErrorMessage, getSystemErrorName } from 'node:util'
import { Exits, type ExitStatus } from './exits.ts'

/** A process that has been started: its number, our ends of its pipes by its descriptor, and its end. */
export interface SpawnedProcess {
  readonly pid: number
  readonly descriptors: ReadonlyMap<number, number>
  readonly exited: Promise<ExitStatus>
}

export interface SpawnRequest {
  /** An absolute path, and the words after it. */
  readonly command: readonly [file: string, ...words: string[]]
  /** `NAME=value` */
  readonly environment: readonly string[]
  readonly directory: string | undefined
  /** Those of its descriptors that are a pipe to here; the others up to 2 are /dev/null. */
  readonly pipes: readonly number[]
}

/** Rejects with the system's error number. */
export type Spawn = (request: SpawnRequest) => Promise<SpawnedProcess>

/** spawn.h of glibc: in a session of its own, with all signals as they are by default and none blocked. */
const flags = 0x80 | 0x04 | 0x08
/** Room for `posix_spawnattr_t`, `posix_spawn_file_actions_t` and `sigset_t`. */
const structBytes = 512
/** sys/socket.h, fcntl.h */
const [unixFamily, closedStream, readWrite] = [1, 1 | 0o2_000_000, 2]
/** All signals that a process can hear. */
const allSignals = 0xff

/**
 * Starts processes as posix_spawn(3) does: the new one borrows this one's memory until it runs its program, where Node's way copies the page
 * tables, which takes a process of hundreds of megabytes many milliseconds. It happens on a thread of libuv's pool, which lives as long
 * as the process, so that a child that dies with its parent's thread dies with the process. Throws where the C library has no such thing.
 */
export async function openPosixSpawn(): Promise<Spawn> {
  const { default: koffi } = await import('koffi')
  const libc = koffi.load('libc.so.6')
  const spawn = libc.func('int posix_spawn(void *, str, void *, void *, str *, str *)')
  const init = libc.func('int posix_spawn_file_actions_init(void *)')
  const destroy = libc.func('int posix_spawn_file_actions_destroy(void *)')
  const addDup = libc.func('int posix_spawn_file_actions_adddup2(void *, int, int)')
  const addOpen = libc.func('int posix_spawn_file_actions_addopen(void *, int, str, int, uint32_t)')
  const addDirectory = libc.func('int posix_spawn_file_actions_addchdir_np(void *, str)')
  const socketPair = libc.func('int socketpair(int, int, int, void *)')
  const close = libc.func('int close(int)')
  const waitpid = libc.func('int waitpid(int, void *, int)')
  const exits = new Exits(waitpid)

  const attributes = new Uint8Array(structBytes)
  const signals = new Uint8Array(structBytes)
  libc.func('int posix_spawnattr_init(void *)')(attributes)
  libc.func('int posix_spawnattr_setsigmask(void *, void *)')(attributes, signals)
  signals.fill(allSignals, 0, 8)
  libc.func('int posix_spawnattr_setsigdefault(void *, void *)')(attributes, signals)
  libc.func('int posix_spawnattr_setflags(void *, int16_t)')(attributes, flags)

  /** Both ends of a pipe: ours, and that of a child. */
  const openPipe = (): readonly [own: number, childs: number] => {
    const ends = new Int32Array(2)
    if (socketPair(unixFamily, closedStream, 0, ends) !== 0) throw systemError(koffi.errno())
    return [ends[0] ?? -1, ends[1] ?? -1]
  }

  return async ({ command, environment, directory, pipes }) => {
    const [file] = command
    const actions = new Uint8Array(structBytes)
    const pid = new Int32Array(1)
    const opened = new Map<number, readonly [own: number, childs: number]>()
    init(actions)
    try {
      for (const descriptor of pipes) opened.set(descriptor, openPipe())
      if (directory !== undefined) addDirectory(actions, directory)
      for (let descriptor = 0; descriptor <= Math.max(2, ...pipes); descriptor++) {
        const [, childs] = opened.get(descriptor) ?? []
        // Ends are above 2, so that none is overwritten before its turn.
        if (childs !== undefined) addDup(actions, childs, descriptor)
        else addOpen(actions, descriptor, '/dev/null', readWrite, 0)
      }
      await new Promise<void>((resolve, reject) => {
        spawn.async(
          pid,
          file,
          actions,
          attributes,
          [...command, null],
          [...environment, null],
          (error: Error | null, failed: number) => {
            if (error !== null) reject(error)
            else if (failed === 0) resolve()
            else reject(systemError(failed))
          },
        )
      })
    } catch (error) {
      for (const [own] of opened.values()) close(own)
      throw error
    } finally {
      for (const [, childs] of opened.values()) close(childs)
      destroy(actions)
    }
    const [number = 0] = pid
    const descriptors = new Map([...opened].map(([descriptor, [own]]) => [descriptor, own]))
    return { pid: number, descriptors, exited: exits.of(number) }
  }
}

function systemError(number: number): Error {
  return Object.assign(new Error(getSystemErrorMessage(-number)), { code: getSystemErrorName(-number) })
}
