import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { IfOlder } from '../../store/open-database.ts'
import { openStore, type Store } from '../../store/open-store.ts'
import { makeDirectory } from './make-directory.ts'
import { ServerError } from '../contract/server-error.ts'

/** Makes a data directory, for this user alone, when it does not exist. Throws ServerError `data-directory-unusable`. */
export function makeDataDirectory(path: string): void {
  try {
    makeDirectory(path)
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new ServerError(
      'data-directory-unusable',
      `Cannot keep data in ${path}: ${messageOf(error)}. Choose another directory with --data.`,
      { cause: error },
    )
  }
}

/** Opens the store in a data directory that exists. Throws a StoreError when what is there is no store of ours. */
export function openDataDirectory(path: string, clock: Clock, ifOlder: IfOlder): Store {
  return openStore(storeFile(path), clock, ifOlder)
}

/** The file of settings there. */
export function settingsFile(dataDirectory: string): string {
  return join(dataDirectory, 'settings.sqlite')
}

/** The store's file in a data directory. */
export function storeFile(dataDirectory: string): string {
  return join(dataDirectory, 'porchlight.sqlite')
}
