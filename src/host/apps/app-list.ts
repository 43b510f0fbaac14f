import type { App } from './app.ts'
import { desktopApp } from './desktop/desktop.ts'
import type { FindProgram } from './requirement.ts'
import { terminalApp } from './terminal/terminal.ts'
import { testPattern } from './test-pattern.ts'

/** The apps that come with the house, best first, each with what is missing for it here. */
export async function listApps(options: {
  readonly find: FindProgram
  /** Whether apps will run as root, whom some programs refuse. */
  readonly asRoot: boolean
}): Promise<readonly App[]> {
  return [await desktopApp(options), await terminalApp(options.find), testPattern]
}
