import { parse, stringify, TomlError } from 'smol-toml'
import { messageOf } from '../../kernel/coded-error.ts'
import type { SettingValue, SettingView } from '../../wire/api/settings.ts'
import { SettingsError } from './settings-error.ts'

/** What all settings together may take as TOML. */
export const maxSettingsBytes = 256 * 1024

/** The text of a file with what is kept of the settings; of a secret it says that there is one, and leaves it out. */
export function writeSettings(settings: readonly SettingView[]): string {
  return settings
    .filter(({ isKept }) => isKept)
    .map(({ name, help, kept, secret }) => {
      const said = secret ? `# ${name} is set and may hold a credential: left out.\n` : stringify({ [name]: kept })
      return `# ${help}\n${said}`
    })
    .join('\n')
}

/** Values by name. Throws SettingsError `invalid-setting` for what is no TOML, or no value; what they mean is judged elsewhere. */
export function readSettings(file: string, text: string): Readonly<Record<string, SettingValue>> {
  let root: Record<string, unknown>
  try {
    root = parse(text)
  } catch (error) {
    const where = error instanceof TomlError ? `${file}:${error.line}` : file
    throw new SettingsError('invalid-setting', `Cannot read ${where}: ${messageOf(error).split('\n', 1)[0]}`)
  }
  return Object.fromEntries(
    Object.entries(root).map(([name, value]) => {
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return [name, value]
      if (Array.isArray(value)) return [name, value as readonly unknown[]]
      const message = `Cannot use ${name}: got a table or a time, wanted a text, a number, true, false or a list`
      throw new SettingsError('invalid-setting', message, [{ name, message }])
    }),
  )
}
