import { isAbsolute } from 'node:path'
import * as v from 'valibot'
import type { KeptSettings } from '../../store/setting-records.ts'
import type { SettingSource } from '../../wire/api/settings.ts'
import { ServerError } from '../contract/server-error.ts'
import type { ConfigOption } from './config-option.ts'

/** Flags as `util.parseArgs` returns them for the options of `configFlags`. */
export type FlagValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>

/** Environment variables; an empty one counts as not set. */
export type Environment = Readonly<Record<string, string | undefined>>

/** All that somebody has said, the weightiest first. */
export interface SettingLayers {
  readonly flags: FlagValues
  readonly environment: Environment
  /** By the database. */
  readonly kept: KeptSettings
}

/** A setting as it holds. */
export interface HeldSetting<T> {
  /** Undefined where it follows from the machine or from other settings. */
  readonly value: T | undefined
  readonly source: SettingSource
  /** Why the database's value is not used, although nothing is before it. */
  readonly unusable: string | undefined
}

/**
 * Flag before variable, variable before database, database before what is usual. Throws ServerError `invalid-config` for a flag or
 * variable, naming it, what came and what was wanted; what is wrong in the database is passed over, since a server has to
 * start for it to be changed.
 */
export function settingOf<T>(option: ConfigOption<T>, { flags, environment, kept }: SettingLayers): HeldSetting<T> {
  const held = (source: SettingSource, value: T | undefined, unusable?: string): HeldSetting<T> => {
    return { value, source, unusable }
  }
  const flag = flags[option.flag]
  if (flag !== undefined) return held('flag', given(option, `--${option.flag}`, flag))
  const variable = environment[option.variable]
  if (variable !== undefined && variable !== '') return held('variable', given(option, option.variable, variable))
  const usual = 'value' in option.usual ? option.usual.value : undefined
  if (!option.isKept || !kept.has(option.flag)) return held('default', usual)
  const read = readValue(option, kept.get(option.flag))
  return 'value' in read ? held('database', read.value) : held('default', usual, refusal(option, option.flag, read.got))
}

/** A value that the database can have; where it cannot, what came, for a message. */
export function readValue<T>(
  option: ConfigOption<T>,
  value: unknown,
): { readonly value: T } | { readonly got: string } {
  const result = v.safeParse(option.schema, value)
  const isPlaced = !option.isPath || (typeof value === 'string' && isAbsolute(value))
  return result.success && isPlaced ? { value: result.output } : { got: show(option, value) }
}

/** That a value cannot be used, what came and what was wanted, with an example. */
export function refusal(option: ConfigOption<unknown>, name: string, got: string): string {
  const place = option.isPath ? ', by an absolute path' : ''
  return `Cannot use ${name}: got ${got}, wanted ${option.wanted}${place}, ${option.example} for instance`
}

function given<T>(option: ConfigOption<T>, name: string, value: unknown): T {
  const result = v.safeParse(option.schema, value)
  if (result.success) return result.output
  throw new ServerError('invalid-config', `Cannot use ${name}: got ${show(option, value)}, wanted ${option.wanted}`)
}

/** What came, for a message; a value that may hold a credential is not repeated. */
function show(option: ConfigOption<unknown>, value: unknown): string {
  if (option.secret) return 'something else'
  const shown = JSON.stringify(value) ?? 'nothing'
  return shown.length > 100 ? `${shown.slice(0, 100)}...` : shown
}
