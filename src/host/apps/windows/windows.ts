import { cp } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { BesideApp, Command, LaunchPlace } from '../definition/app.ts'
import { whyUnavailable, type FindProgram, type Requirement } from '../definition/requirement.ts'
import { inShell, plain, writeTemplate } from '../definition/template.ts'

/**
 * What becomes of an app's windows. `maximized`: its main windows fill the display, dialogs lie over them and can be moved.
 * `floating`: all have frames and are where they like. `none`: it has the display to itself, or brings a window manager.
 */
export type WindowMode = 'maximized' | 'floating' | 'none'

const here = import.meta.dirname
const theme = join(here, '../desktop/theme')
const ground = ['xsetroot', '-cursor_name', 'left_ptr', '-solid', '#141827'] as const
const needed: readonly Requirement[] = [
  { anyOf: ['openbox'], package: 'openbox' },
  { anyOf: ['xsetroot'], package: 'x11-xserver-utils' },
]

/** The main windows of an app in each mode, in openbox's XML; they fill the display without a frame, or keep theirs. */
const rules: Readonly<Record<Exclude<WindowMode, 'none'>, string>> = {
  maximized: '<application type="normal"><decor>no</decor><maximized>yes</maximized><focus>yes</focus></application>',
  floating:
    '<application type="normal"><focus>yes</focus><position><x>center</x><y>center</y></position></application>',
}

/** Programs that are window managers, or start one of their own: a second one on the display would end the first or itself. */
const managers: ReadonlySet<string> = new Set(
  (
    'awesome bspwm cinnamon-session dwm enlightenment_start fluxbox fvwm fvwm3 gamescope gnome-session herbstluftwm i3 ' +
    'icewm icewm-session jwm kwin_x11 lxqt-session lxsession marco mate-session matchbox-window-manager metacity openbox ' +
    'openbox-session qtile ratpoison spectrwm startkde startlxde startlxqt startplasma-x11 startxfce4 twm windowmaker ' +
    'wmaker xfce4-session xfwm4 xmonad'
  ).split(' '),
)

/** Programs that run what their arguments, or the words of a script among these, say. */
const starters: ReadonlySet<string> = new Set(
  'bash dash dbus-launch dbus-run-session env ksh nice nohup setsid sh stdbuf timeout xinit zsh'.split(' '),
)

/** What an app gets that names none: nothing beside a window manager, or beside what an image starts by itself. */
export function usualWindowMode(command: Command | undefined): WindowMode {
  return command === undefined || wordsOf(command).some((word) => managers.has(basename(word))) ? 'none' : 'maximized'
}

/** What a command may run: its program, and what that starts where it is known to start others. Files are not read. */
function wordsOf([program, ...args]: Command): readonly string[] {
  if (!starters.has(basename(program))) return [program]
  return args.flatMap((arg) => arg.split(/[\s;&|(){}"']+/))
}

/** Why an app has to do without the mode, and how to change that, for people; undefined when it has not. */
export async function whyNoWindows(mode: WindowMode, find: FindProgram): Promise<string | undefined> {
  const why = mode === 'none' ? undefined : await whyUnavailable(needed, find)
  return why === undefined ? undefined : `Its windows cannot be maximized or moved. ${why}`
}

/** Writes into the app's directory what it takes, and tells what to run beside it. */
export async function prepareWindows(mode: WindowMode, { directory }: LaunchPlace): Promise<BesideApp> {
  if (mode === 'none') return { command: ground, env: {} }
  const at = (name: string) => join(directory, name)
  await cp(theme, at('share/themes/Porchlight/openbox-3'), { recursive: true })
  const config = at('windows.xml')
  await writeTemplate({ template: join(here, 'rc.xml'), to: config, values: { rules: rules[mode] }, escape: plain })
  return {
    command: ['openbox', '--config-file', config, '--startup', ground.map(inShell).join(' ')],
    // Where openbox finds the theme.
    env: { XDG_DATA_DIRS: `${at('share')}:/usr/local/share:/usr/share` },
  }
}
