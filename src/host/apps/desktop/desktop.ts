import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { App, Launch, LaunchPlace } from '../definition/app.ts'
import { writeLook } from '../look/look.ts'
import { displayServer, whyUnavailable, type FindProgram, type Requirement } from '../definition/requirement.ts'
import { inShell, inXml, plain, writeTemplate, type Escape } from '../definition/template.ts'
import { desktopEntry, rootMenu } from './menu.ts'
import { findDesktopPrograms, type DesktopProgram } from './programs.ts'

const here = import.meta.dirname

const requirements: readonly Requirement[] = [
  displayServer,
  { anyOf: ['openbox'], package: 'openbox' },
  { anyOf: ['tint2'], package: 'tint2' },
  { anyOf: ['hsetroot'], package: 'hsetroot' },
  { anyOf: ['xterm'], package: 'xterm' },
  { anyOf: ['xsetroot'], package: 'x11-xserver-utils' },
]

/** A desktop with panel, menu and windows. It ends when somebody ends it from its menu. */
export async function desktopApp(options: { readonly find: FindProgram; readonly asRoot: boolean }): Promise<App> {
  return {
    id: 'desktop',
    title: 'Desktop',
    size: { width: 1280, height: 720 },
    fps: 60,
    unavailable: await whyUnavailable(requirements, options.find),
    source: {
      kind: 'display',
      sound: 'stereo',
      prepare: async (place) => prepare(place, await findDesktopPrograms(options)),
    },
  }
}

async function prepare({ directory }: LaunchPlace, programs: readonly DesktopProgram[]): Promise<Launch> {
  const at = (name: string) => join(directory, name)
  const write = (name: string, escape: Escape, values: Readonly<Record<string, string>>) =>
    writeTemplate({ template: join(here, name), to: at(name), values, escape })

  // Copies: who the app is may not be let into the place of the project.
  await cp(join(here, 'icons'), at('icons'), { recursive: true })
  await copyFile(join(here, 'wallpaper.svg'), at('wallpaper.svg'))
  await cp(join(here, 'theme'), at('share/themes/Porchlight/openbox-3'), { recursive: true })
  await mkdir(at('launchers'))
  const launchers = programs.map((program) => at(`launchers/${program.id}.desktop`))
  await Promise.all(
    programs.map((program) => writeFile(at(`launchers/${program.id}.desktop`), desktopEntry(program, at('icons')))),
  )
  await writeFile(at('menu.xml'), rootMenu(programs, at('icons')))
  await write('rc.xml', inXml, { menu: at('menu.xml') })
  await write('tint2rc', plain, { launchers: launchers.map((file) => `launcher_item_app = ${file}`).join('\n') })
  await write('wallpaper.sh', inShell, { picture: at('wallpaper.svg') })
  await write('start.sh', inShell, { wallpaper: at('wallpaper.sh'), panel: at('tint2rc') })

  return {
    command: ['openbox', '--config-file', at('rc.xml'), '--startup', `sh ${inShell(at('start.sh'))}`],
    env: {
      ...(await writeLook(directory, { fontSizePt: 11 })),
      // Where openbox finds the theme.
      XDG_DATA_DIRS: `${at('share')}:/usr/local/share:/usr/share`,
    },
    afterResize: ['sh', at('wallpaper.sh')],
  }
}
