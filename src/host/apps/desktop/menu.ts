import { join } from 'node:path'
import { inXml } from '../definition/template.ts'
import type { DesktopProgram } from './programs.ts'

/** The icon of a program, as a file. */
function iconOf(program: DesktopProgram, icons: string): string {
  return join(icons, `${program.id}.svg`)
}

/** The menu behind a click on the wallpaper, in openbox's XML. `icons` is the directory of the icons. */
export function rootMenu(programs: readonly DesktopProgram[], icons: string): string {
  const items = programs.flatMap((program) => [
    `    <item label="${inXml(program.title)}" icon="${inXml(iconOf(program, icons))}">`,
    `      <action name="Execute"><command>${inXml(program.command)}</command></action>`,
    '    </item>',
  ])
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<openbox_menu xmlns="http://openbox.org/3.4/menu">',
    '  <menu id="root-menu" label="Porchlight">',
    ...items,
    '    <separator/>',
    '    <menu id="client-list-combined-menu"/>',
    '    <separator/>',
    '    <item label="End this desktop"><action name="Exit"><prompt>yes</prompt></action></item>',
    '  </menu>',
    '</openbox_menu>',
    '',
  ].join('\n')
}

/** A launcher of the panel, as a desktop entry (freedesktop.org Desktop Entry Specification). */
export function desktopEntry(program: DesktopProgram, icons: string): string {
  const lines = ['[Desktop Entry]', 'Type=Application', `Name=${program.title}`]
  return [...lines, `Exec=${program.command}`, `Icon=${iconOf(program, icons)}`, ''].join('\n')
}
