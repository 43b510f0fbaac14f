import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../kernel/coded-error.ts'
import type { Clock } from '../kernel/clock.ts'
import { openStore, type Store } from '../store/open-store.ts'
import { makeDirectory } from './make-directory.ts'
import { ServerError } from './server-error.ts'

/**
 * Opens the store in the data directory, which is made, for this user alone, when it does not exist. Throws ServerError
 * `data-directory-unusable`, or a StoreError when what is there is no store of ours.
 */
export function openDataDirectory(path: string, clock: Clock): Store {
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
  return openStore(storeFile(path), clock)
}

/** The store's file in a data directory. */
export function storeFile(dataDirectory: string): string {
  return join(dataDirectory, 'porchlight.sqlite')
}
