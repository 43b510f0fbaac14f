import { isDeepStrictEqual } from 'node:util'
import type { KeptSettings } from '../../store/setting-records.ts'
import type { SettingValue, SettingView } from '../../wire/api/settings.ts'
import type { ConfigOption } from './config-option.ts'
import { settingOf, type SettingLayers } from './setting-layers.ts'

/**
 * A setting as people and programs are shown it, without the value of a secret. `used` is what is in use, `kept` what the database says
 * now. May throw as `settingOf` does, for layers that no configuration was made of.
 */
export function settingView(option: ConfigOption<unknown>, used: SettingLayers, kept: KeptSettings): SettingView {
  const { flag: name, help, wanted, example, choices, secret, applies } = option
  const held = settingOf(option, used)
  const next = settingOf(option, { ...used, kept })
  const told = (value: unknown): SettingValue | null => (value === undefined || secret ? null : option.tell(value))
  const keptValue = kept.get(name)
  return {
    name,
    help,
    wanted,
    example,
    kind: kindOf(option),
    choices: [...choices],
    value: writable(told(held.value)),
    source: held.source,
    isKept: kept.has(name),
    kept: secret || keptValue === undefined ? null : writable(shownAsKept(keptValue)),
    usual: usualOf(option),
    secret,
    applies,
    waits: !isDeepStrictEqual(held.value, next.value),
    unusable: next.unusable ?? null,
  }
}

function kindOf({ placeholder, choices, repeated }: ConfigOption<unknown>): SettingView['kind'] {
  if (placeholder === undefined) return 'switch'
  if (choices.length > 0) return 'choice'
  return repeated ? 'list' : 'text'
}

/** What is usual, in words. */
export function usualOf(option: ConfigOption<unknown>): string {
  if ('follows' in option.usual) return option.usual.follows
  return asText(option.tell(option.usual.value))
}

/** A value as people read it. */
export function asText(value: SettingValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'object') return value.length === 0 ? 'none' : value.map(String).join(', ')
  return String(value)
}

/** Whatever somebody has written there. */
function shownAsKept(value: unknown): SettingValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return Array.isArray(value) ? value : JSON.stringify(value)
}

/** The wire's type of a list is one that may be written to. */
function writable(value: SettingValue | null): SettingView['value'] {
  return typeof value === 'object' && value !== null ? [...value] : value
}
