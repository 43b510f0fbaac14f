import { CodedError } from '../../kernel/coded-error.ts'

/** What is wrong with the value of one setting, as a sentence. */
export interface SettingFault {
  readonly name: string
  readonly message: string
}

/** Why settings are not changed: none of them is. The message names each fault. */
export class SettingsError extends CodedError<'unknown-setting' | 'invalid-setting' | 'settings-not-from-here'> {
  readonly faults: readonly SettingFault[]

  constructor(code: SettingsError['code'], message: string, faults: readonly SettingFault[] = []) {
    super(code, message)
    this.faults = faults
  }
}
