import type { AppDefinition } from '../../../wire/api/app-definition.ts'
import { iconOfFile, iconOfText, type AppIcon } from './app-icon.ts'
import type { InstalledIcons } from './installed-icons.ts'

/** The icon that an app says it has: a picture, a file or a name. */
export async function iconOfReference(reference: string, installed: InstalledIcons): Promise<AppIcon | undefined> {
  if (reference.startsWith('data:')) return iconOfText(reference)
  const file = reference.startsWith('/') ? reference : await installed.fileOf(reference)
  return file === undefined ? undefined : iconOfFile(file)
}

/** The icon of a definition: the one that it names, or else the one of its program. */
export async function iconOfDefinition(
  definition: AppDefinition,
  installed: InstalledIcons,
): Promise<AppIcon | undefined> {
  if (definition.icon !== undefined) return iconOfReference(definition.icon, installed)
  if (definition.kind === 'test-pattern' || definition.container) return undefined
  const program = definition.command?.[0]
  const file = program === undefined ? undefined : await installed.fileOfProgram(program)
  return file === undefined ? undefined : iconOfFile(file)
}
