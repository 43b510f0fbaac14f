import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { eventually } from '../../../test/support/eventually.ts'
import { readMainThread } from './main-thread.ts'

test('readMainThread tells a process that was stopped, and how long one waited for a processor', async () => {
  const busy = () => spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' })
  // More of them than there are processors, so that some have to wait.
  const children = Array.from({ length: 2 * navigator.hardwareConcurrency + 1 }, busy)
  const [first] = children
  try {
    await eventually(
      () => Math.max(...children.map(({ pid }) => readMainThread(pid)?.waitedMs ?? 0)),
      (waitedMs) => waitedMs > 20,
      { what: 'one that waited' },
    )
    assert.equal(readMainThread(first?.pid)?.isStopped, false)
    first?.kill('SIGSTOP')
    await eventually(
      () => readMainThread(first?.pid)?.isStopped,
      (isStopped) => isStopped === true,
      { what: 'one that is stopped' },
    )
  } finally {
    for (const child of children) {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
  }
  assert.equal(readMainThread(first?.pid), undefined)
})
