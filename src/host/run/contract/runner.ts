import type { Closable } from '../../../kernel/ending.ts'
import type { ContainerRules, RunLimits, SandboxRules } from './run-rules.ts'

/** A running app: its whole process tree. `closed` tells how it ended; ending it kills the whole tree. */
export interface RunningApp extends Closable {
  /** The last lines it printed, oldest first, bounded. */
  readonly output: readonly string[]
}

export interface RunOptions {
  /** Undefined, for a container alone: what its image runs by itself. */
  readonly command: readonly [string, ...string[]] | undefined
  readonly env: Readonly<Record<string, string>>
  readonly directory: string
  /**
   * Its name among the runs of its host. With that of the host it marks every process of the tree (PORCHLIGHT_RUN in its
   * environment), so that what detaches itself is found too.
   */
  readonly runId: string
  /** Without limits when left out. */
  readonly limits?: RunLimits
  /** Told everything it prints, as it comes. */
  readonly onOutput?: (text: string) => void
  /** Told what its start is waiting for: a sentence for people. */
  readonly onProgress?: (what: string) => void
  /**
   * Asked again and again once the command has ended in order: the run goes on as long as it is true. Left out, the run ends
   * with its command. `processes` are those of the run.
   */
  readonly goesOn?: (processes: () => Promise<number>) => Promise<boolean>
  /** Aborted, a start that takes its time is given up. */
  readonly signal?: AbortSignal
}

/** A run among those of a lobby. */
export interface ScopedRun extends RunOptions {
  readonly place: RunPlace
  /** Where it is shut in; on the machine as it is when left out. */
  readonly enclosure?: Enclosure
}

/** What an app is shut in. */
export type Enclosure =
  | { readonly kind: 'sandbox'; readonly rules: SandboxRules }
  | { readonly kind: 'container'; readonly rules: ContainerRules }

/** Where one run happens. Paths are absolute, on this machine. */
export interface RunPlace {
  readonly home: string
  readonly runtimeDirectory: string
  /** What was written for the app to read. */
  readonly appDirectory: string
  readonly display: {
    /** Where clients look for its socket, inside and outside. */
    readonly name: string
    /** Where it is. */
    readonly socket: string
    readonly authorityFile: string
  }
  /** The socket is `native` in the directory. */
  readonly sound: { readonly directory: string; readonly cookieFile: string } | undefined
}
