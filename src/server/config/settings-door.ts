import { existsSync } from 'node:fs'
import { openSettingRecordsBeside, readSettingRecords } from '../../store/setting-records.ts'
import type { ChangeSettings, SettingView } from '../../wire/api/settings.ts'
import { makeDataDirectory, settingsFile } from '../files/data-directory.ts'
import { occupantOf } from '../occupancy/occupy.ts'
import { allOptions } from './config-options.ts'
import { judgeChange } from './judge-change.ts'
import type { Environment } from './setting-layers.ts'
import { settingView } from './setting-view.ts'

/** Settings as a command reaches them: those of a server that runs, or those that the next start will find. */
export interface SettingsDoor {
  list(): Promise<readonly SettingView[]>
  /** All or none; answers with those that were named. Rejects with what refuses it. */
  change(wanted: ChangeSettings): Promise<readonly SettingView[]>
}

/** Whether a server runs on those data, so that it is the one to ask. */
export function isServed(dataDirectory: string): boolean {
  return existsSync(dataDirectory) && occupantOf(dataDirectory) !== undefined
}

/**
 * The settings in a data directory on which no server runs, as one would find them that is started with this environment and no flags.
 * Where one starts meanwhile nothing is lost: the database takes several writers, and it looks.
 */
export function settingsOnDisk(dataDirectory: string, environment: Environment): SettingsDoor {
  const file = settingsFile(dataDirectory)
  const list = () => {
    const kept = readSettingRecords(file)
    return allOptions().map((option) => settingView(option, { flags: {}, environment, kept }, kept))
  }
  return {
    list: async () => list(),
    async change(wanted) {
      makeDataDirectory(dataDirectory)
      using records = openSettingRecordsBeside(file)
      records.change((before) => judgeChange(before, wanted))
      return list().filter(({ name }) => Object.hasOwn(wanted, name))
    },
  }
}
