import { messageOf } from '../../kernel/coded-error.ts'
import { StoreError } from '../../store/store-error.ts'
import { readSettingRecords } from '../../store/setting-records.ts'
import { settingsFile } from '../files/data-directory.ts'
import { readConfig, type ServerConfig } from './config.ts'
import type { Environment, FlagValues } from './setting-layers.ts'

/**
 * The configuration of a server that is started here, with what the database of its data directory says; changes nothing there. A
 * database that cannot be read says nothing, and that is told in `unusable`. Throws ServerError `invalid-config`.
 */
export function configHere(flags: FlagValues, environment: Environment, directory: string): ServerConfig {
  const bare = readConfig(flags, environment, directory)
  try {
    return readConfig(flags, environment, directory, readSettingRecords(settingsFile(bare.dataDirectory)))
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return { ...bare, unusable: [messageOf(error)] }
  }
}
