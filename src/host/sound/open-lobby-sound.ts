import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import type { SoundLayout } from '../../domain/sound-layout.ts'
import type { Log } from '../../kernel/log.ts'
import { defaultPath } from '../child/find-executable.ts'
import { noShelter, type Shelter } from '../child/shelter.ts'
import type { LobbySound } from './lobby-sound.ts'
import { daemonConfiguration, startPulseDaemon, type PulseFiles } from './pulse-daemon.ts'
import { pulseModules, pulseNames } from './pulse-modules.ts'
import { SoundError } from './sound-error.ts'
import { SupervisedSound } from './supervised-sound.ts'

export interface LobbySoundOptions {
  /** In it, a directory is made for the server's socket and its cookie, and removed when it is closed. */
  readonly runtimeDirectory: string
  /** Of the sink: 1 to 64 letters, digits, `_`, `-` or `.`. */
  readonly name: string
  /** How many channels the sink has, and where they are; stereo when left out. */
  readonly layout?: SoundLayout
  /** The first number of PulseAudio's version. */
  readonly version: number
  /** What the server is shut in; nothing when left out. */
  readonly shelter?: Shelter
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
 * Opens a sound server for one lobby, which has nothing to do with one that the machine may have.
 * Rejects with {@link SoundError}: `server-missing`, `server-did-not-start`, `bad-sink-name`.
 */
export async function openLobbySound(options: LobbySoundOptions): Promise<LobbySound> {
  const { runtimeDirectory, version, hostId, clock, log, shelter = noShelter, layout = 'stereo' } = options
  const { random = randomBytes, jitter = Math.random, searchPath = defaultPath } = options
  const names = pulseNames(options.name)
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
  // A file that may be written is opened for writing by PulseAudio's clients, and fails on a read-only mount.
  await writeFile(files.cookieFile, files.cookie, { mode: 0o400 })
  await writeFile(files.configurationFile, daemonConfiguration(version))
  await shelter.give(directory)
  const wrapper = shelter.wrap({ writable: [directory] })
  const modules = pulseModules(names, { ...files, layout, version })
  const start = (signal: AbortSignal) =>
    startPulseDaemon({ files, modules, wrapper, hostId, clock, searchPath, signal })
  const daemon = await start(new AbortController().signal)
  log.info('Opened the sound server of a lobby', { socket: files.socketPath })
  const sound = new SupervisedSound({ daemon, start, files, names, layout, clock, log, jitter, release: undo.move() })
  sound.supervise()
  return sound
}
