import { serverVersion } from '../server/server-version.ts'
import type { CommandContext } from './command.ts'
import { exitCode } from './exit-code.ts'

/** Prints the version. */
export function version({ output }: CommandContext): Promise<number> {
  output.write(`${serverVersion()}\n`)
  return Promise.resolve(exitCode.ok)
}
