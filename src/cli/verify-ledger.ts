import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../kernel/clock.ts'
import { checkLedger } from '../server/check-ledger.ts'
import { readConfig } from '../server/config/config.ts'
import { openDataDirectory, storeFile } from '../server/files/data-directory.ts'
import { publicKeyFile, readSealCheck } from '../server/recordings/recording-key.ts'
import type { CommandContext } from './contract/command.ts'
import { exitCode } from './contract/exit-code.ts'
import { UsageError } from './contract/usage-error.ts'

/** Says whether the ledger, what was done once and what was said, is as it was written; also while a server runs on it. */
export async function verifyLedger({ args, directory, environment, output }: CommandContext): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { key: { type: 'string' }, data: { type: 'string' } } })
  const { dataDirectory } = readConfig(values.data === undefined ? {} : { data: values.data }, environment, directory)
  if (!existsSync(storeFile(dataDirectory)))
    throw new UsageError('wrong-arguments', `Cannot check a ledger: there is none in ${dataDirectory}`)
  const keyFile = values.key === undefined ? publicKeyFile(dataDirectory) : resolve(directory, values.key)
  const check = readSealCheck(keyFile)
  using store = openDataDirectory(dataDirectory, systemClock, 'refuse')
  const { entries, first, last, outboxes, texts, uncovered, faults } = checkLedger(store.keptLedger(), check)
  const range = entries === 0 ? '' : `, ${first} to ${last}`
  output.write(`${entries} entries${range}; ${outboxes} outboxes, ${texts} texts\n`)
  if (uncovered > 0)
    output.write(`Of ${uncovered} of them no entry tells: they are older than what is kept of the ledger.\n`)
  // What was altered may hold anything, also what a terminal would obey.
  for (const fault of faults) output.write(`Altered: ${fault.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?')}\n`)
  if (faults.length > 0) return exitCode.failed
  output.write('The ledger is as it was written.\n')
  return Promise.resolve(exitCode.ok)
}
