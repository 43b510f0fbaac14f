import type { KeptSettings } from '../../store/setting-records.ts'
import type { SettingValue } from '../../wire/api/settings.ts'
import type { ConfigOption } from './config-option.ts'
import { allOptions } from './config-options.ts'
import { readValue, refusal } from './setting-layers.ts'
import { SettingsError, type SettingFault } from './settings-error.ts'

/** More is not told at once: whoever reads it corrects the first ones first. */
const mostFaults = 20

const howToSayWhere =
  'Cannot keep data in the settings: they say where the settings are. Give it at the start, by --data or PORCHLIGHT_DATA'

/** The setting of that name. Throws SettingsError `unknown-setting`. */
export function findOption(name: string): ConfigOption<unknown> {
  const found = allOptions().find(({ flag }) => flag === name)
  if (found) return found
  const near = allOptions().filter(({ flag }) => flag.includes(name) || name.replace(/^-+/, '').includes(flag))
  const hint = near.length > 0 ? `did you mean ${near.map(({ flag }) => flag).join(' or ')}` : 'see config list'
  const message = `Cannot find a setting "${name.slice(0, 64)}": ${hint}`
  throw new SettingsError('unknown-setting', message, [{ name, message }])
}

/**
 * What is to be kept from now on, as JSON has it; undefined forgets, also what this version does not know. Throws SettingsError, which
 * names every fault; then nothing is to be changed.
 */
export function judgeChange(
  kept: KeptSettings,
  wanted: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, SettingValue | undefined> {
  const changes = new Map<string, SettingValue | undefined>()
  const faults: SettingFault[] = []
  let code: SettingsError['code'] = 'unknown-setting'
  for (const [name, value] of Object.entries(wanted)) {
    if (faults.length === mostFaults) break
    if (value === null && kept.has(name)) {
      changes.set(name, undefined)
      continue
    }
    try {
      const option = findOption(name)
      if (value === null) continue
      if (option.isKept) {
        const read = readValue(option, value)
        if ('value' in read) changes.set(name, option.tell(read.value))
        else faults.push({ name, message: refusal(option, name, read.got) })
      } else faults.push({ name, message: howToSayWhere })
      if (faults.length > 0) code = 'invalid-setting'
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error
      faults.push(...error.faults)
    }
  }
  if (faults.length > 0) throw new SettingsError(code, faults.map(({ message }) => message).join('\n'), faults)
  return changes
}
