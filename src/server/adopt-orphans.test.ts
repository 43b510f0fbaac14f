import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { eventually } from '../../test/support/eventually.ts'
import { systemClock as clock } from '../kernel/clock.ts'
import { adoptOrphans } from './adopt-orphans.ts'

const run = promisify(execFile)
const stateOf = async (pid: string) =>
  (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') gone')).split(') ').at(-1)?.split(' ').slice(0, 2)

test('adoptOrphans takes in what has lost its parent, and lets go of it when it has ended', async () => {
  await using _orphans = await adoptOrphans({ clock, everyMs: 100 })
  const { stdout } = await run('sh', ['-c', 'sleep 0.3 > /dev/null 2>&1 & echo $!'])
  const pid = stdout.trim()
  assert.equal((await stateOf(pid))?.[1], String(process.pid))
  await eventually(
    () => stateOf(pid),
    (state) => state?.[0] === 'gone',
    { what: 'the end of the orphan' },
  )
  const late = (await run('sh', ['-c', 'sleep 0.05 > /dev/null 2>&1 & echo $!'])).stdout.trim()
  await eventually(
    () => stateOf(late),
    (state) => state?.[0] === 'Z' || state?.[0] === 'gone',
    { what: 'the end of another one' },
  )
  // Children of one's own are told of as ever.
  await assert.rejects(run('sh', ['-c', 'sleep 0.4; exit 7']), { code: 7 })
})
