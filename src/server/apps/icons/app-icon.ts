import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { loadPlainFile } from '../../files/read-plain-file.ts'
import { iconInText, iconTypeOf, maxIconBytes, type IconPicture } from '../../../wire/api/icon-reference.ts'

/** The picture of an app, where it has one. */
export interface AppIcon {
  /** Another one when it may be another picture; of letters, digits, - and _. */
  readonly version: string
  /** Undefined when it is no longer there, is too large, or is no picture of a known kind. */
  read(): Promise<IconPicture | undefined>
}

/** The icon in a `data:` reference. */
export function iconOfText(text: string): AppIcon | undefined {
  const picture = iconInText(text)
  return picture && { version: versionOf(text), read: async () => picture }
}

/** The icon in a file; undefined when there is no such file, or a large one. */
export async function iconOfFile(file: string): Promise<AppIcon | undefined> {
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile() || found.size > maxIconBytes) return undefined
  return { version: versionOf(`${file} ${found.size} ${found.mtimeMs}`), read: () => readIcon(file) }
}

/** It may have become another file since it was looked at. */
async function readIcon(file: string): Promise<IconPicture | undefined> {
  try {
    const bytes = new Uint8Array(await loadPlainFile(file, maxIconBytes))
    const type = iconTypeOf(bytes)
    return type && { type, bytes }
  } catch {
    return undefined
  }
}

function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16)
}
