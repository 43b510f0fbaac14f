import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { App } from '../definition/app.ts'
import { writeLook } from '../look/look.ts'
import { inShell } from '../definition/template.ts'
import { displayServer, whyUnavailable, type FindProgram, type Requirement } from '../definition/requirement.ts'

const here = import.meta.dirname

const requirements: readonly Requirement[] = [
  displayServer,
  { anyOf: ['xterm'], package: 'xterm' },
  { anyOf: ['openbox'], package: 'openbox' },
  { anyOf: ['xsetroot'], package: 'x11-xserver-utils' },
]

/** The user's shell in a terminal that fills the display. It ends when the shell does. */
export async function terminalApp(find: FindProgram): Promise<App> {
  return {
    id: 'terminal',
    title: 'Terminal',
    size: { width: 1280, height: 720 },
    fps: 60,
    unavailable: await whyUnavailable(requirements, find),
    source: {
      kind: 'display',
      sound: 'stereo',
      prepare: async ({ directory }) => {
        // Copies: who the app is may not be let into the place of the project.
        for (const name of ['rc.xml', 'start.sh']) await copyFile(join(here, name), join(directory, name))
        const startup = `sh ${inShell(join(directory, 'start.sh'))}`
        return {
          command: ['openbox', '--config-file', join(directory, 'rc.xml'), '--startup', startup],
          env: await writeLook(directory, { fontSizePt: 13 }),
          afterResize: undefined,
        }
      },
    },
  }
}
