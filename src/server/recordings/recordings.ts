import { chmodSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { sealRecording } from '../../kernel/monitor/recording-seal.ts'
import type { SealKey } from '../../kernel/session/auth/seal.ts'
import { makeDirectory } from '../files/make-directory.ts'
import { ServerError } from '../contract/server-error.ts'
import { writePrivateFile } from '../files/write-private-file.ts'

/** Takes the recording of one conversation with a client that has ended. Never throws. */
export type KeepRecording = (sessionId: string, recording: string) => void

/** Older ones are removed. */
const mostRecordings = 200
const suffix = '.jsonl'

/**
 * Keeps recordings in a directory, one file each, sealed where there is a key, named by the time at which it ended. `porchlight replay` reads them.
 * Throws ServerError `invalid-config` when the directory cannot be used.
 */
export function openRecordings(
  directory: string,
  options: { readonly clock: Clock; readonly log: Log; readonly key?: SealKey },
): KeepRecording {
  const { clock, log, key } = options
  try {
    makeDirectory(directory)
    chmodSync(directory, 0o700)
  } catch (error) {
    throw new ServerError('invalid-config', `Cannot keep recordings in ${directory}: ${messageOf(error)}`, {
      cause: error,
    })
  }
  return (sessionId, recording) => {
    const endedAt = new Date(clock.epochMs()).toISOString().replaceAll(':', '-')
    try {
      writePrivateFile(
        join(directory, `${endedAt}-${sessionId}${suffix}`),
        key ? sealRecording(recording, key) : recording,
      )
      const kept = readdirSync(directory).filter((name) => name.endsWith(suffix))
      for (const name of kept.toSorted().slice(0, -mostRecordings)) rmSync(join(directory, name), { force: true })
    } catch (error) {
      log.warn('A recording could not be kept', { directory, error: messageOf(error) })
    }
  }
}
