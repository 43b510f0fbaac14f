import type { Closable } from '../../kernel/ending.ts'

/** A running app: its whole process tree. `closed` tells how it ended; ending it kills the whole tree. */
export interface RunningApp extends Closable {
  /** The last lines it printed, oldest first, bounded. */
  readonly output: readonly string[]
}

export interface RunOptions {
  readonly command: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  readonly directory: string
  /** Marks every process of the tree (PORCHLIGHT_RUN in its environment), so that what detaches itself is found too. */
  readonly runId: string
}
