import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

type CommandLine = readonly [command: string, ...args: string[]]

/** The command line, wrapped so that the kernel kills the process with the one that starts it, where `setpriv` exists. */
export function dyingWithParent(path: string | undefined, commandLine: CommandLine): CommandLine {
  const files = (path ?? '').split(delimiter).map((directory) => join(directory, 'setpriv'))
  const setpriv = files.find(isExecutable)
  return setpriv === undefined ? commandLine : [setpriv, '--pdeathsig', 'KILL', ...commandLine]
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
