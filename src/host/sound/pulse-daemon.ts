import { rm } from 'node:fs/promises'
import { sleep, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { causeOfEnd } from '../child/cause-of-end.ts'
import { ChildError } from '../child/child-error.ts'
import { watchLiveness } from '../child/liveness.ts'
import { hostMark } from '../child/process-tree.ts'
import { spawnChild, type Child } from '../child/spawn-child.ts'
import { SoundError } from './sound-error.ts'
import { openPulseClient, type PulseClient } from '../../media/pulse/pulse-client.ts'

export interface PulseFiles {
  /** Where everything is that the daemon has. */
  readonly directory: string
  readonly socketPath: string
  readonly cookieFile: string
  readonly configurationFile: string
  readonly cookie: Uint8Array
}

export interface PulseDaemonOptions {
  readonly files: PulseFiles
  /** What it loads at its start, and nothing after it. */
  readonly modules: readonly string[]
  /** Words to put before its command: what shuts it in. */
  readonly wrapper: readonly string[]
  /** Of the host that the daemon belongs to; undefined for nobody's. */
  readonly hostId: string | undefined
  readonly clock: Clock
  /** Where programs are looked for, like PATH. */
  readonly searchPath: string
  /** Gives up the start. */
  readonly signal: AbortSignal
}

/** A daemon that runs, and our connection to it. */
export interface PulseDaemon {
  readonly client: PulseClient
  /** Resolves, with what happened, when it has died or was found to hang. */
  readonly lost: Promise<string>
  close(): Promise<void>
}

/**
 * Settings that hold instead of the machine's own (pulse-daemon.conf(5)), for this first number of the version. What is in stereo
 * plays on the two speakers in front of a surround sink, and not on all, where it would be heard twice in a downmix.
 */
export function daemonConfiguration(version: number): string {
  const settings = ['default-sample-format = float32le', 'default-sample-rate = 48000', 'flat-volumes = no']
  // PulseAudio has it from 12 on, and does not start with what it does not know.
  if (version >= 12) settings.push('remixing-use-all-sink-channels = no')
  return `${settings.join('\n')}\n`
}

const startTimeoutMs = 10_000
const connectRetryMs = 10

/** Starts a daemon that nobody else can find. Rejects with {@link SoundError}: `server-missing`, `server-did-not-start`. */
export async function startPulseDaemon(options: PulseDaemonOptions): Promise<PulseDaemon> {
  const { files, clock } = options
  // The socket of one that was killed.
  await rm(files.socketPath, { force: true })
  const child = await spawnDaemon(options)
  try {
    return watchOver(child, await connectWhenReady(child, options), clock)
  } catch (error) {
    await child.close()
    const words = child.output.at(-1) ?? 'nothing'
    const message = `The sound server did not start (${messageOf(error)}); it said: ${words}`
    throw new SoundError('server-did-not-start', message, { cause: error })
  }
}

function watchOver(child: Child, client: PulseClient, clock: Clock): PulseDaemon {
  const hung = Promise.withResolvers<string>()
  const endWatch = watchLiveness({
    probe: () => client.ping(),
    clock,
    onHang: () => {
      child.kill()
      hung.resolve('it did not answer for 5 seconds')
    },
  })
  return {
    client,
    lost: Promise.race([hung.promise, causeOfEnd(child, client.closed, clock)]),
    async close() {
      endWatch()
      await client.close()
      await child.close()
    },
  }
}

async function spawnDaemon({ files, modules, wrapper, hostId, clock, searchPath }: PulseDaemonOptions): Promise<Child> {
  const { directory } = files
  try {
    return await spawnChild({
      command: ['pulseaudio', '-n', ...modules.flatMap((module) => ['-L', module]), ...locked, ...quietly],
      env: {
        PATH: searchPath,
        HOME: directory,
        XDG_RUNTIME_DIR: directory,
        PULSE_RUNTIME_PATH: directory,
        PULSE_STATE_PATH: directory,
        PULSE_CONFIG: files.configurationFile,
        ...(hostId !== undefined && hostMark(hostId)),
      },
      wrapper,
      directory,
      clock,
    })
  } catch (error) {
    if (error instanceof ChildError && error.code === 'command-not-found') {
      throw new SoundError('server-missing', 'There is no sound: install the Debian package pulseaudio', {
        cause: error,
      })
    }
    throw new SoundError('server-did-not-start', messageOf(error), { cause: error })
  }
}

/** A client can load code into a server that lets it, and then is that server. */
const locked = ['--disallow-module-loading', '--disallow-exit', '--exit-idle-time=-1'] as const

/** As a plain child process: no daemon of its own, no file with its number, no wish for privileges or limits. */
const quietly = [
  '--daemonize=no',
  '--use-pid-file=no',
  '--realtime=no',
  '--high-priority=no',
  '--no-cpu-limit=yes',
  '--log-target=stderr',
  '--log-level=warning',
] as const

async function connectWhenReady(child: Child, { files, clock, signal }: PulseDaemonOptions): Promise<PulseClient> {
  const giveUpAtMs = clock.nowMs() + startTimeoutMs
  let ended = false
  void child.closed.then(() => (ended = true))
  for (;;) {
    try {
      return await openPulseClient(files.socketPath, files.cookie)
    } catch (error) {
      if (ended || clock.nowMs() >= giveUpAtMs) throw error
      await sleep(clock, connectRetryMs, signal)
    }
  }
}
