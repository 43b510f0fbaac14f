import { execFile } from 'node:child_process'
import { join } from 'node:path'

const main = join(import.meta.dirname, '../../src/cli/main.ts')

/** How a command ended, and what it printed. */
export interface Printed {
  readonly code: unknown
  readonly output: string
  readonly errors: string
}

/** Runs a command of Porchlight to its end, with this environment and nothing else but where programs and compiled code are. */
export function runCommandLine(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Printed> {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const env = { PATH, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }), ...environment }
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env }, (error, output, errors) =>
      resolve({ code: error?.code ?? 0, output, errors }),
    )
  })
}
