import { stringify } from 'smol-toml'
import type { AppDefinition } from '../../wire/api/app-definition.ts'

/** The text of a file that describes these apps, as `readApps` understands it. */
export function writeApps(apps: readonly { readonly id: string; readonly definition: AppDefinition }[]): string {
  if (apps.length === 0) return ''
  // The table of all is made implicitly by those in it.
  return apps.map(({ id, definition }) => stringify({ apps: { [id]: definition } })).join('\n')
}
