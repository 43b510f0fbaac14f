import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { ChildRun } from './child-run.ts'

const start = (does: string, version = '1') =>
  ChildRun.start({
    name: 'test process',
    main: new URL('../../../test/support/child-program.ts', import.meta.url),
    environment: { ...process.env, CHILD_DOES: does, CHILD_VERSION: version },
    vital: { version: 1, heartbeatPeriodMs: 50, missedHeartbeats: 6 },
    clock: systemClock,
    log: silentLog,
    onFrame: (type) => {
      throw new RangeError(`a frame of type ${type} came`)
    },
  })

test('ChildRun ends in order what it is told to end', async () => {
  const run = await start('nothing')
  const { pid } = run
  assert.ok(pid !== undefined)
  await run.close('enough')
  assert.deepEqual(await run.closed, { kind: 'clean', reason: 'enough' })
  assert.equal(run.fate, undefined)
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

for (const [does, fate, told] of [
  ['hang', { kind: 'hung' }, /it hung and was killed/],
  ['crash', { kind: 'exit', code: null, signal: 'SIGABRT' }, /SIGABRT/],
  ['babble', { kind: 'broken' }, /a frame of type 9 came/],
] as const) {
  test(`ChildRun notices a process that is to ${does}, and tells what became of it`, async () => {
    const run = await start(does)
    const end = await run.closed
    assert.ok(end.kind === 'error')
    assert.match(end.error.message, told)
    assert.deepEqual(run.fate, fate)
    assert.throws(() => process.kill(run.pid ?? 0, 0), { code: 'ESRCH' })
  })
}

test('ChildRun refuses a process of another version', async () => {
  await assert.rejects(start('nothing', '2'), { code: 'process-failed', message: /version 2/ })
})
