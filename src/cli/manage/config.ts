import { resolve } from 'node:path'
import type { SettingView } from '../../wire/api/resources.ts'
import { allOptions } from '../../server/config/config-options.ts'
import { findOption } from '../../server/config/judge-change.ts'
import { asText } from '../../server/config/setting-view.ts'
import { isServed, settingsOnDisk, type SettingsDoor } from '../../server/config/settings-door.ts'
import { maxSettingsBytes, readSettings, writeSettings } from '../../server/config/settings-toml.ts'
import { readInputFile } from '../terminal/read-input-file.ts'
import { printable, table } from '../terminal/table.ts'
import { connect } from './connect.ts'
import { reachingCommand, type Destination, type Told } from './verb.ts'

/** The server that runs is asked, since it knows its flags; where none does, its database is. */
function reach(destination: Destination): { readonly settings: SettingsDoor } {
  if (destination.url === undefined && !isServed(destination.dataDirectory)) {
    return { settings: settingsOnDisk(destination.dataDirectory, destination.environment) }
  }
  const api = connect(destination)
  return { settings: { list: () => api.settings(), change: (wanted) => api.changeSettings(wanted) } }
}

export const config = reachingCommand(
  'config',
  'Settings: how a server runs. A flag wins over a variable, a variable over what is kept here, and that over what is usual.',
  reach,
  {
    list: {
      help: 'every setting, its value, and what that comes from: flag, variable, database or default',
      args: [],
      flags: {},
      async run({ settings }) {
        const views = await settings.list()
        const rows = views.map((view) => [view.name, valueOf(view), view.source, noteOf(view)])
        return { json: views, text: table(['SETTING', 'VALUE', 'FROM', ''], rows, 'There is no setting.') }
      },
    },
    get: {
      help: 'the value of one that is in use',
      args: ['NAME'],
      flags: {},
      async run({ settings, args: [name = ''] }) {
        findOption(name)
        const view = (await settings.list()).find((each) => each.name === name)
        return { json: view, text: view ? `${valueOf(view)}\n` : '' }
      },
    },
    set: {
      help: 'keep a value; of a list all of them; - reads it from standard input',
      args: ['NAME', 'VALUE...'],
      flags: {},
      async run({ settings, args: [name = '', ...values], context }) {
        const option = findOption(name)
        const [first = ''] = values
        const typed = first === '-' && values.length === 1 ? fromInput() : first
        const value = option.isPath ? resolve(context.directory, typed) : typed
        const isList = option.repeated && !(values.length === 1 && (first === '-' || typed.startsWith('[')))
        const wanted = isList ? values : values.length > 1 ? values.join(' ') : value
        return toldOf(await settings.change({ [name]: wanted }), 'Kept')
      },
    },
    unset: {
      help: 'forget what is kept of one, so that what is usual holds again',
      args: ['NAME'],
      flags: {},
      run: async ({ settings, args: [name = ''] }) => toldOf(await settings.change({ [name]: null }), 'Forgot'),
    },
    export: {
      help: 'print what is kept as TOML, without secrets',
      args: [],
      flags: {},
      async run({ settings }) {
        const text = writeSettings(await settings.list())
        return { json: { toml: text }, text }
      },
    },
    import: {
      help: 'keep what a file of TOML says, all or nothing; - is standard input',
      args: ['FILE'],
      flags: {},
      async run({ settings, args: [file = ''], context }) {
        const path = file === '-' ? '/dev/stdin' : resolve(context.directory, file)
        const text = readInputFile(path, { what: 'Cannot import', mostBytes: maxSettingsBytes })
        return toldOf(await settings.change(readSettings(file, text)), 'Kept')
      },
    },
  },
)

function fromInput(): string {
  return readInputFile('/dev/stdin', { what: 'Cannot read', mostBytes: maxSettingsBytes }).trim()
}

function toldOf(views: readonly SettingView[], done: 'Kept' | 'Forgot'): Told {
  if (views.length === 0) return { json: views, text: `${done} nothing.\n` }
  const text = views
    .map((view) => `${done} ${view.name}${done === 'Kept' ? keptOf(view) : ''}. ${whenOf(view)}\n`)
    .join('')
  return { json: views, text }
}

/** When it counts, and what is before it. */
function whenOf(view: SettingView): string {
  const { source, waits, applies, name } = view
  const variable = allOptions().find(({ flag }) => flag === name)?.variable ?? ''
  if (source === 'flag') return `--${name} wins over it: ${valueOf(view)} is in use.`
  if (source === 'variable') return `${variable} wins over it: ${valueOf(view)} is in use.`
  if (waits) return `It counts from the next start on; until then ${valueOf(view)} is in use.`
  return applies === 'at-once' ? `It counts at once: ${valueOf(view)} is in use.` : `${valueOf(view)} is in use.`
}

function keptOf({ kept, secret }: SettingView): string {
  return secret || kept === null ? '' : ` = ${printable(asText(kept))}`
}

function valueOf({ value, secret, source, usual }: SettingView): string {
  if (secret) return source === 'default' ? usual : '(secret)'
  return printable(value === null ? usual : asText(value))
}

function noteOf(view: SettingView): string {
  const { waits, unusable, isKept, source, secret, kept, usual } = view
  if (unusable !== null) return unusable
  if (waits) return `${secret ? 'another one' : kept === null ? usual : asText(kept)} from the next start on`
  return isKept && (source === 'flag' || source === 'variable') ? 'the database says something as well' : ''
}
