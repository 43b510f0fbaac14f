/** What happens when an app ends by itself: its lobby ends with it, or it is started again. */
export type OnExit = 'end' | 'restart'

/** What a run ends with: its command, or what that has left on the display or running. */
export type RunsUntil = 'command' | 'last-window' | 'last-process'

/** How an app is run, as its owner chooses. */
export interface RunRules {
  readonly onExit: OnExit
  readonly runsUntil: RunsUntil
  readonly limits: RunLimits
  /** Whether it does not run where its limits cannot be held. */
  readonly requiresLimits: boolean
  /** Undefined: it sees what the user sees who started Porchlight. */
  readonly sandbox: SandboxRules | undefined
  /** Undefined: it runs as a process of this machine. */
  readonly container: ContainerRules | undefined
}

/** What one run may use at most, all of its processes together; undefined is without a limit. */
export interface RunLimits {
  /** Processor cores; 0.5 is half of the time of one. */
  readonly cpus: number | undefined
  readonly memoryBytes: number | undefined
  readonly processes: number | undefined
}

/** What an app can reach that does not see the rest of the machine. All paths are absolute. */
interface Reach {
  /** Whether it has the machine's network; without, it has none but its own loopback. */
  readonly network: boolean
  /** Files and directories beside the system that it may read. */
  readonly readable: readonly string[]
  /** Files and directories beside its home that it may write. */
  readonly writable: readonly string[]
  /** Device nodes, or directories of them: `/dev/dri`. */
  readonly devices: readonly string[]
}

/** An app in a sandbox of the kernel's namespaces, on this machine's own programs. */
export type SandboxRules = Reach

/** An app in a container. */
export interface ContainerRules extends Reach {
  /** As the engine takes it: `docker.io/library/debian:12`. */
  readonly image: string
  /** When the image is fetched from its registry. */
  readonly pull: 'missing' | 'always' | 'never'
  /** `1000:1000`; undefined is the user who started Porchlight, and 1000 when that is root. */
  readonly user: string | undefined
  /** Whether the image's own files can be changed by the run; what is changed is gone with it. */
  readonly writableImage: boolean
}

/** As the user's own program, without limits, once. */
export const plainRun: RunRules = {
  onExit: 'end',
  runsUntil: 'command',
  limits: { cpus: undefined, memoryBytes: undefined, processes: undefined },
  requiresLimits: false,
  sandbox: undefined,
  container: undefined,
}

const mebibyte = 1024 ** 2
const gibibyte = 1024 ** 3

/** Reads an amount of memory, in whole mebibytes; undefined for what is none. */
export function readMemory(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,7}(?:\.\d{1,3})?) ?([MG])iB$/.exec(text) ?? []
  if (amount === undefined) return undefined
  return Math.round((Number(amount) * (unit === 'G' ? gibibyte : mebibyte)) / mebibyte) * mebibyte
}

/** An amount of memory for people, as it can be read again: `2 GiB`, `512 MiB`. */
export function memoryText(bytes: number): string {
  return bytes % gibibyte === 0 ? `${bytes / gibibyte} GiB` : `${Math.ceil(bytes / mebibyte)} MiB`
}
