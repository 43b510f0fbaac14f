import { serverVersion } from '../server/server-version.ts'
import type { CommandContext } from './contract/command.ts'
import { exitCode } from './contract/exit-code.ts'

/** Prints the version. */
export function version({ output }: CommandContext): Promise<number> {
  output.write(`${serverVersion()}\n`)
  return Promise.resolve(exitCode.ok)
}
