import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { makeDataDirectory, openDataDirectory, storeFile } from '../server/files/data-directory.ts'
import { openLedger } from '../server/open-ledger.ts'
import { openRecordingKey } from '../server/recordings/recording-key.ts'
import { systemClock } from '../kernel/clock.ts'
import type { CommandContext } from './contract/command.ts'
import { exitCode } from './contract/exit-code.ts'
import { runCommand } from './run-command.ts'

async function verify(directory: string, ...flags: string[]) {
  const written = { output: '', errors: '' }
  const terminal = (name: keyof typeof written) => ({
    isTTY: false,
    columns: 80,
    write: (more: string) => void (written[name] += more),
  })
  const context: CommandContext = {
    args: ['verify-ledger', ...flags],
    environment: {},
    directory,
    output: terminal('output'),
    errors: terminal('errors'),
    process: { on: () => {}, off: () => {} } as unknown as CommandContext['process'],
    exit: () => {},
  }
  return { code: await runCommand(context), ...written }
}

/** A data directory in which something was said. */
async function dataWithLedger(t: TestContext): Promise<string> {
  const data = `${temporaryDirectory(t)}/data`
  makeDataDirectory(data)
  using store = openDataDirectory(data, systemClock, 'migrate')
  const ledger = openLedger(store, openRecordingKey(data))
  const said = { lobbyId: 'games', memberId: 'ada', name: 'Ada', role: 'player', text: 'Hello', atMs: 1 } as const
  await ledger.said({ memberId: 'ada', outbox: 'one' }, 1, said)
  await ledger.done({ memberId: 'ada', outbox: '\u001b[2J' }, 2)
  return data
}

test('verify-ledger says that a ledger is as it was written, and what is not', async (t) => {
  const data = await dataWithLedger(t)
  const good = await verify(data, '--data', data)
  assert.equal(good.code, exitCode.ok, good.errors)
  assert.match(good.output, /^2 entries, 1 to 2; 2 outboxes, 1 texts\nThe ledger is as it was written\.\n$/)
  {
    using database = new DatabaseSync(storeFile(data))
    database.exec(`UPDATE lobby_text SET text = 'Bye'; UPDATE outbox SET through = 1`)
  }
  const altered = await verify(data, '--data', data)
  assert.equal(altered.code, exitCode.failed)
  assert.match(altered.output, /^Altered: text 1: it is not what was said$/m)
  assert.ok(!altered.output.includes('\u001b'))
  assert.match(altered.output, /^Altered: outbox .* it is done up to 1, its entries say 2$/m)
})

test('verify-ledger takes the public key from elsewhere, and refuses what is no ledger', async (t) => {
  const data = await dataWithLedger(t)
  const other = await dataWithLedger(t)
  const { code, output } = await verify(data, '--data', data, '--key', `${other}/recording-key.pub.pem`)
  assert.equal(code, exitCode.failed)
  assert.match(output, /^Altered: entry 1: it is not what was signed by this key$/m)
  const nowhere = await verify(data, '--data', `${data}/nowhere`)
  assert.equal(nowhere.code, exitCode.usage)
  assert.match(nowhere.errors, /^Cannot check a ledger: there is none in /)
  assert.equal((await verify(data, '--dance')).code, exitCode.usage)
})
