import { join } from 'node:path'
import type { App } from '../app.ts'
import { writeLook } from '../look/look.ts'
import { inShell } from '../template.ts'
import { displayServer, whyUnavailable, type FindProgram, type Requirement } from '../requirement.ts'

const configuration = join(import.meta.dirname, 'rc.xml')
const startScript = join(import.meta.dirname, 'start.sh')

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
      sound: true,
      prepare: async ({ directory }) => ({
        command: ['openbox', '--config-file', configuration, '--startup', `sh ${inShell(startScript)}`],
        env: await writeLook(directory, { fontSizePt: 13 }),
        afterResize: undefined,
      }),
    },
  }
}
