import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { defaultPath } from '../child/find-executable.ts'
import { daemonConfiguration, startPulseDaemon, type PulseFiles } from './pulse-daemon.ts'
import { SoundError } from './sound-error.ts'
import type { SoundServer } from './sound-server.ts'
import { SupervisedSoundServer } from './supervised-sound-server.ts'

export interface SoundServerOptions {
  /** Where the server keeps its socket and its cookie, in a directory of its own that goes when it is closed. */
  readonly runtimeDirectory: string
  /** Of the host that the server belongs to: it is found by that when the host was killed. */
  readonly hostId?: string
  readonly log: Log
  readonly clock: Clock
  /** So many unpredictable bytes; the operating system's by default. */
  readonly random?: (length: number) => Uint8Array
  /** Uniform in [0, 1), spreads restarts; Math.random by default. */
  readonly jitter?: () => number
  /** Where programs are looked for, like PATH; the standard directories by default. */
  readonly searchPath?: string
}

/** Bytes of a cookie (PulseAudio's native protocol). */
const cookieLength = 256

/** Longest path of a Unix socket, in bytes (unix(7)). */
const longestSocketPath = 107

/**
 * Opens a sound server of its own, which has nothing to do with one that the machine may have.
 * Rejects with {@link SoundError}: `server-missing`, `server-did-not-start`.
 */
export async function openSoundServer(options: SoundServerOptions): Promise<SoundServer> {
  const {
    runtimeDirectory,
    hostId,
    clock,
    log,
    random = randomBytes,
    jitter = Math.random,
    searchPath = defaultPath,
  } = options
  await mkdir(runtimeDirectory, { recursive: true, mode: 0o700 })
  await using undo = new AsyncDisposableStack()
  const directory = await mkdtemp(join(runtimeDirectory, 'sound-'))
  undo.defer(() => rm(directory, { recursive: true, force: true }))
  const files: PulseFiles = {
    directory,
    socketPath: join(directory, 'native'),
    cookieFile: join(directory, 'cookie'),
    configurationFile: join(directory, 'daemon.conf'),
    cookie: random(cookieLength),
  }
  if (Buffer.byteLength(files.socketPath) > longestSocketPath) {
    throw new SoundError('server-did-not-start', `Cannot open a sound server in ${directory}: its path is too long`)
  }
  await writeFile(files.cookieFile, files.cookie, { mode: 0o600 })
  await writeFile(files.configurationFile, daemonConfiguration)
  const start = (signal: AbortSignal) => startPulseDaemon({ files, hostId, clock, searchPath, signal })
  const daemon = await start(new AbortController().signal)
  log.info('Opened the sound server', { socket: files.socketPath })
  const server = new SupervisedSoundServer({ daemon, start, files, clock, log, jitter, release: undo.move() })
  server.supervise()
  return server
}
