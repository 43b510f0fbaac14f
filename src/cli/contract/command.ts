import type { Terminal } from './terminal.ts'
import type { ProcessEvents } from './stop-signals.ts'

/** The world as a command sees it. */
export interface CommandContext {
  /** What stands behind the command's name. */
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Working directory. */
  readonly directory: string
  /** For results. */
  readonly output: Terminal
  /** For errors and the log. */
  readonly errors: Terminal
  readonly process: ProcessEvents
  /** Ends the process at once, leaving behind what has not been closed. */
  readonly exit: (code: number) => void
}

/** Runs to its end and returns the exit code. */
export type Command = (context: CommandContext) => Promise<number>
