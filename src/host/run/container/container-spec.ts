import { isAbsolute, join, relative } from 'node:path'
import type { ContainerRules, RunLimits } from '../contract/run-rules.ts'
import type { RunOptions, RunPlace } from '../contract/runner.ts'

/** Labels by which the containers of a run, and of a host, are found again. */
export const runLabel = 'porchlight.run'
export const hostLabel = 'porchlight.host'

/** Where things are inside. */
const inside = {
  home: '/home/porchlight',
  runtime: '/run/porchlight/runtime',
  authority: '/run/porchlight/xauthority',
  sound: '/run/porchlight/pulse',
  soundCookie: '/run/porchlight/pulse-cookie',
} as const

/** Unless the app says otherwise: more is a fork bomb. */
const usualProcesses = 2048
const sharedMemoryBytes = 512 * 1024 ** 2

export interface ContainerSpecOptions {
  readonly run: RunOptions
  readonly rules: ContainerRules
  /** With cookies that the user inside can read. */
  readonly place: RunPlace
  /** `1000:1000` */
  readonly user: string
  /** As the engine wants it for users that are to be the same inside and outside; undefined where they are. */
  readonly userNamespace: string | undefined
  /** Of the host that the container belongs to. */
  readonly hostId: string
}

/**
 * What a container engine is asked to make (Docker Engine API, "Create a container"): no capabilities, no new privileges,
 * its own namespaces, an image that cannot be changed, no device and no network that was not named, and neither the
 * engine's socket nor anything of the data directory but one home.
 */
export function containerSpec({ run, rules, place, user, userNamespace, hostId }: ContainerSpecOptions) {
  const [program, ...words] = run.command ?? []
  return {
    Image: rules.image,
    ...(program !== undefined && { Entrypoint: [program], Cmd: words }),
    ...workingDirectory(run.directory, place.home),
    User: user,
    Env: Object.entries(environmentOf(run, place)).map(([name, value]) => `${name}=${value}`),
    Labels: { [runLabel]: run.runId, [hostLabel]: hostId },
    Tty: false,
    OpenStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    NetworkDisabled: !rules.network,
    HostConfig: {
      ...(!rules.network && { NetworkMode: 'none' }),
      ...(userNamespace !== undefined && { UsernsMode: userNamespace }),
      IpcMode: 'private',
      Privileged: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: !rules.writableImage,
      Tmpfs: { '/tmp': 'rw,nosuid,nodev,mode=1777', '/run': 'rw,nosuid,nodev,mode=755' },
      ShmSize: sharedMemoryBytes,
      Mounts: mountsOf(rules, place),
      Devices: rules.devices.map((path) => ({ PathOnHost: path, PathInContainer: path, CgroupPermissions: 'rw' })),
      LogConfig: { Type: 'none', Config: {} },
      ...limitsOf(run.limits),
    },
  }
}

function environmentOf({ env, runId }: RunOptions, { sound }: RunPlace): Readonly<Record<string, string>> {
  return {
    ...env,
    HOME: inside.home,
    XDG_RUNTIME_DIR: inside.runtime,
    XAUTHORITY: inside.authority,
    ...(sound && { PULSE_SERVER: `unix:${inside.sound}/native`, PULSE_COOKIE: inside.soundCookie }),
    PORCHLIGHT_RUN: runId,
  }
}

function mountsOf(rules: ContainerRules, { home, runtimeDirectory, display, sound }: RunPlace) {
  const mount = (source: string, target: string, readOnly: boolean) => {
    return { Type: 'bind', Source: source, Target: target, ReadOnly: readOnly }
  }
  return [
    mount(home, inside.home, false),
    mount(runtimeDirectory, inside.runtime, false),
    mount(display.socket, display.name, true),
    mount(display.authorityFile, inside.authority, true),
    ...(sound ? [mount(sound.directory, inside.sound, true), mount(sound.cookieFile, inside.soundCookie, true)] : []),
    ...rules.readable.map((path) => mount(path, path, true)),
    ...rules.writable.map((path) => mount(path, path, false)),
  ]
}

/** Its home is left to the image, which may have a directory of its own; what is below it is meant. */
function workingDirectory(directory: string, home: string) {
  if (directory === home) return {}
  const below = relative(home, directory)
  const isInHome = !below.startsWith('..') && !isAbsolute(below)
  return { WorkingDir: isInHome ? join(inside.home, below) : directory }
}

function limitsOf(limits: RunLimits | undefined) {
  const { cpus, memoryBytes, processes = usualProcesses } = limits ?? {}
  return {
    PidsLimit: processes,
    ...(memoryBytes !== undefined && { Memory: memoryBytes, MemorySwap: memoryBytes }),
    ...(cpus !== undefined && { NanoCpus: Math.round(cpus * 1e9) }),
  }
}
