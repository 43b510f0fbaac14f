import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { silentLog, type Log } from '../kernel/log.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { openSettingRecords, openSettingRecordsBeside, readSettingRecords } from './setting-records.ts'
import { openStore } from './open-store.ts'
import { StoreError } from './store-error.ts'

const options = { clock: new ManualClock(), log: silentLog }

test('setting records keep, replace and forget, as a whole, and list what is usual for who looks into the file', (t) => {
  const file = join(temporaryDirectory(t), 's')
  assert.deepEqual(readSettingRecords(file), new Map(), 'nothing is made by reading')
  const records = openSettingRecords(file, options)
  records.populate(
    new Map([
      ['port', '8080'],
      ['lobbies', '16'],
    ]),
  )
  assert.equal(records.all().size, 0, 'what is usual is not kept')
  records.change(
    () =>
      new Map<string, unknown>([
        ['port', 9000],
        ['origin', ['https://a.example']],
      ]),
  )
  assert.throws(
    () =>
      records.change((before) => {
        assert.equal(before.get('port'), 9000)
        throw new RangeError('no')
      }),
    RangeError,
  )
  records.change(() => new Map([['port', undefined]]))
  assert.deepEqual([...records.all()], [['origin', ['https://a.example']]])
  records[Symbol.dispose]()
  assert.deepEqual([...readSettingRecords(file)], [['origin', ['https://a.example']]])
  assert.equal(statSync(file).mode & 0o777, 0o600)
  using database = new DatabaseSync(file, { readOnly: true })
  assert.deepEqual(database.prepare("SELECT usual FROM setting WHERE name = 'port'").get()?.['usual'], '"8080"')
})

/**
 * Runs the script in two processes, with `openSettingRecordsBeside` at hand, and `a` or `b` as its argument; what they end with. One
 * that fails ends the other.
 */
async function inTwoProcesses(script: string): Promise<readonly (number | null)[]> {
  const source = new URL('./setting-records.ts', import.meta.url)
  const whole = `import { openSettingRecordsBeside } from ${JSON.stringify(source.href)}\n${script}`
  const children = ['a', 'b'].map((name) =>
    spawn(process.execPath, ['--input-type=module', '-e', whole, name], { stdio: 'inherit' }),
  )
  return await Promise.all(
    children.map(async (child) => {
      const [code] = (await once(child, 'exit')) as [number | null]
      if (code !== 0) for (const each of children) each.kill()
      return code
    }),
  )
}

test('two processes that count together lose no count', async (t) => {
  const file = join(temporaryDirectory(t), 's')
  const each = 60
  const codes = await inTwoProcesses(`
    const records = openSettingRecordsBeside(${JSON.stringify(file)})
    for (let i = 0; i < ${each}; i++)
      records.change((before) => new Map([['count', (before.get('count') ?? 0) + 1], [process.argv[1] + i, i]]))
  `)
  assert.deepEqual(codes, [0, 0])
  const kept = readSettingRecords(file)
  assert.deepEqual([kept.get('count'), kept.size], [2 * each, 2 * each + 1])
})

test('two processes that begin a file at the same moment both write to it', async (t) => {
  const directory = temporaryDirectory(t)
  const files = Array.from({ length: 100 }, (_, index) => join(directory, `s${index}`))
  // Each says that it is at a file, and goes on as soon as the other one is there.
  const codes = await inTwoProcesses(`
    import { existsSync, writeFileSync } from 'node:fs'
    const [own, other] = process.argv[1] === 'a' ? ['a', 'b'] : ['b', 'a']
    for (const file of ${JSON.stringify(files)}) {
      writeFileSync(file + '.' + own, '')
      while (!existsSync(file + '.' + other));
      using records = openSettingRecordsBeside(file)
      records.change(() => new Map([[own, true]]))
    }
  `)
  assert.deepEqual(codes, [0, 0])
  for (const file of files) assert.equal(readSettingRecords(file).size, 2)
})

test('a file of settings that cannot be read is refused to a command, and moved aside by a server, which loses nothing else', (t) => {
  const directory = temporaryDirectory(t)
  const store = openStore(join(directory, 'porchlight.sqlite'))
  const owner = store.ownerToken.replace()
  store.close()
  const newer = join(directory, 'newer')
  openSettingRecords(newer, options)[Symbol.dispose]()
  const database = new DatabaseSync(newer)
  database.exec('PRAGMA user_version = 99')
  database.close()
  const damaged = Buffer.alloc(8192, 'this is no database')
  for (const [name, code] of [
    ['damaged', 'corrupt'],
    ['newer', 'newer'],
  ] as const) {
    const file = join(directory, `settings-${name}`)
    if (name === 'newer') copyFileSync(newer, file)
    else writeFileSync(file, damaged)
    const before = readFileSync(file)
    const refused = (error: unknown) => error instanceof StoreError && error.code === code
    assert.throws(() => readSettingRecords(file), refused)
    assert.throws(() => openSettingRecordsBeside(file), refused)
    assert.deepEqual(readFileSync(file), before)
    const warnings: string[] = []
    const log: Log = { ...silentLog, warn: (message) => void warnings.push(message) }
    using records = openSettingRecords(file, { clock: options.clock, log })
    records.change(() => new Map([['port', 1]]))
    assert.equal(records.all().get('port'), 1)
    assert.deepEqual(warnings, ['The database of settings cannot be read: it was moved aside, and begins anew'])
    const aside = readdirSync(directory).find((each) => each.startsWith(`settings-${name}.unreadable-`)) ?? ''
    assert.deepEqual(readFileSync(join(directory, aside)), before)
  }
  using again = openStore(join(directory, 'porchlight.sqlite'))
  assert.ok(again.ownerToken.matches(owner))
})
