import type * as v from 'valibot'
import type { SettingValue, SettingView } from '../../wire/api/settings.ts'

/** One setting: what it is called in flags, environment and database, what it takes, and what it means. */
export interface ConfigOption<T> {
  /** Without the dashes; its name in the database too. */
  readonly flag: string
  readonly variable: string
  /** How the value is shown in the help, `PORT` for instance; undefined for a switch. */
  readonly placeholder: string | undefined
  /** May be given many times. */
  readonly repeated: boolean
  /** May hold a credential: its value is never shown. */
  readonly secret: boolean
  /** Names a file or a directory. */
  readonly isPath: boolean
  /** All that it can be, where that is a few words. */
  readonly choices: readonly string[]
  /** Completes "wanted ...". */
  readonly wanted: string
  /** A value, as it would be typed. */
  readonly example: string
  readonly help: string
  /** What holds where nobody has said anything: a value, or in words what it follows from. */
  readonly usual: { readonly value: T } | { readonly follows: string }
  /** When it is heeded that the database says something else. */
  readonly applies: SettingView['applies']
  /** Whether the database can say it: where the data are cannot be among them. */
  readonly isKept: boolean
  /** Takes a flag's value (string, list of strings, or true for a switch), a variable's string, or what {@link tell} gives. */
  readonly schema: v.GenericSchema<unknown, T>
  /** A value as JSON and TOML have it. */
  tell(value: T): SettingValue
}

type Own<T> = Pick<ConfigOption<T>, 'flag' | 'variable' | 'wanted' | 'example' | 'help' | 'usual' | 'schema'> &
  Partial<ConfigOption<T>>

/** A setting whose value is told as it is. */
export function option<T extends SettingValue>(own: Own<T>): ConfigOption<T> {
  return toldOption({ tell: (value) => value, ...own })
}

/** A setting whose value is told in another way. */
export function toldOption<T>(own: Own<T> & Pick<ConfigOption<T>, 'tell'>): ConfigOption<T> {
  return {
    placeholder: undefined,
    repeated: false,
    secret: false,
    isPath: false,
    choices: [],
    applies: 'next-start',
    isKept: true,
    ...own,
  }
}
