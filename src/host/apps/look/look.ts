import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plain, writeTemplate } from '../definition/template.ts'

const here = import.meta.dirname

/** Writes how terminals look into `directory`; returns the environment that makes terminals and other programs look so. */
export async function writeLook(
  directory: string,
  options: { readonly fontSizePt: number },
): Promise<Readonly<Record<string, string>>> {
  const resources = join(directory, 'Xresources')
  const values = { fontSize: String(options.fontSizePt) }
  await writeTemplate({ template: join(here, 'Xresources'), to: resources, values, escape: plain })
  const gtk = join(directory, 'gtkrc-2.0')
  await copyFile(join(here, 'gtkrc-2.0'), gtk)
  return { XENVIRONMENT: resources, GTK2_RC_FILES: gtk, GTK_THEME: 'Adwaita:dark' }
}
