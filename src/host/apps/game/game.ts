import type { App } from '../definition/app.ts'
import {
  displayServer,
  findFirst,
  whyUnavailable,
  type FindProgram,
  type Requirement,
} from '../definition/requirement.ts'

/** Where Debian puts games; many a PATH does not lead there. */
const programs = ['/usr/games/lbreakouthd', 'lbreakouthd'] as const

const requirements: readonly Requirement[] = [displayServer, { anyOf: programs, package: 'lbreakouthd' }]

/**
 * LBreakoutHD: bricks, a ball and a paddle for pointer or keys, drawn without a graphics card, with sound. It ends when
 * somebody quits it in its menu.
 */
export async function gameApp(find: FindProgram): Promise<App> {
  const program = (await findFirst(programs, find))?.name ?? programs[0]
  return {
    id: 'game',
    title: 'Game',
    size: { width: 1280, height: 720 },
    fps: 60,
    isExtra: true,
    unavailable: await whyUnavailable(requirements, find),
    source: {
      kind: 'display',
      sound: 'stereo',
      prepare: async () => ({
        command: [program],
        // Neither a graphics card nor a second sound system is looked for.
        env: { SDL_RENDER_DRIVER: 'software', SDL_AUDIODRIVER: 'pulseaudio' },
        afterResize: undefined,
      }),
    },
  }
}
