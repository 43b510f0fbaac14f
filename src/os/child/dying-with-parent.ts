import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

type CommandLine = readonly [command: string, ...args: string[]]

/** The command line, wrapped so that the kernel kills the process with the one that starts it, where `setpriv` exists. */
export function dyingWithParent(path: string | undefined, commandLine: CommandLine): CommandLine {
  const wrapped = (path ?? '').split(delimiter).some((directory) => isExecutable(join(directory, 'setpriv')))
  return wrapped ? ['setpriv', '--pdeathsig', 'KILL', ...commandLine] : commandLine
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
