import type { App } from './definition/app.ts'
import { browserApp, type BrowserMachine } from './browser/browser.ts'
import { desktopApp } from './desktop/desktop.ts'
import { gameApp } from './game/game.ts'
import { terminalApp } from './terminal/terminal.ts'
import { testPattern } from './test-pattern.ts'

/** The apps that come along, best first, each with what is missing for it here. */
export async function listApps(machine: BrowserMachine): Promise<readonly App[]> {
  const readyMade = await Promise.all([
    desktopApp(machine),
    terminalApp(machine.find),
    browserApp(machine),
    gameApp(machine.find),
  ])
  return [...readyMade, testPattern]
}
