import assert from 'node:assert/strict'
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { inContainerLikeNamespace, whyNoPidNamespace } from '../../test/support/pid-namespace.ts'
import { openLock } from './open-lock.ts'
import { StoreError } from './store-error.ts'

function fileIn(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-lock-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return join(directory, 'lock')
}

const script = `
  const { openLock } = await import(${JSON.stringify(import.meta.resolve('./open-lock.ts'))})
  globalThis.lock = openLock(process.argv[1], 0)
  console.log(lock ? 'held' : 'refused')
  setInterval(() => {}, 1000)`

/** Another process that takes the lock; tells whether it got it. */
async function other(t: TestContext, file: string, prefix: readonly string[] = []) {
  const [program, ...words] = [...prefix, process.execPath, '-e', script, file] as const
  const child: ChildProcess = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const [said] = (await once(child.stdout ?? assert.fail(), 'data')) as [Buffer]
  return { child, said: String(said).trim() }
}

test('a lock is held by one alone, in this process or another one, until it lets go', async (t) => {
  const file = fileIn(t)
  const lock = openLock(file, 0) ?? assert.fail('it is free')
  assert.equal(openLock(file, 0), undefined)
  assert.equal((await other(t, file)).said, 'refused')
  // A try that failed has not given up the lock of this process either.
  assert.equal((await other(t, file)).said, 'refused')
  lock[Symbol.dispose]()
  lock[Symbol.dispose]()
  using _ = openLock(file, 0) ?? assert.fail('it is free again')
  assert.deepEqual(readdirSync(join(file, '..')), ['lock'])
  assert.equal(statSync(file).mode & 0o777, 0o600)
})

test('the kernel lets go of a lock when its holder is killed', async (t) => {
  const file = fileIn(t)
  const { child, said } = await other(t, file)
  assert.equal(said, 'held')
  assert.equal(openLock(file, 0), undefined)
  child.kill('SIGKILL')
  await once(child, 'exit')
  using _ = openLock(file, 0) ?? assert.fail('its holder is dead')
})

test('a lock holds between process namespaces', { skip: await whyNoPidNamespace() }, async (t) => {
  const file = fileIn(t)
  using _ = openLock(file, 0) ?? assert.fail('it is free')
  assert.equal((await other(t, file, inContainerLikeNamespace)).said, 'refused')
})

test('openLock waits as long as it has patience for', async (t) => {
  const file = fileIn(t)
  const { child } = await other(t, file)
  // The wait is SQLite's and holds up this process, so that the other one is to end by itself.
  execFileSync('sh', ['-c', `(sleep 0.3; kill -9 ${child.pid}) >/dev/null 2>&1 &`])
  using _ = openLock(file, 60_000) ?? assert.fail('it came free')
})

test('openLock says that it cannot lock what is no plain file, or not ours, and waits for none of it', (t) => {
  const file = fileIn(t)
  const at = (name: string) => join(file, '..', name)
  execFileSync('mkfifo', [at('pipe')])
  symlinkSync('/dev/zero', at('device'))
  writeFileSync(at('notes'), 'dear diary, '.repeat(100))
  for (const path of [at('pipe'), at('device'), at('notes'), at('.'), at('nowhere/lock')]) {
    assert.throws(
      () => openLock(path, 0),
      (error) => error instanceof StoreError && error.code === 'cannot-open',
      path,
    )
  }
})
