import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it, test, type TestContext } from 'node:test'
import { eventually } from '../../../test/support/eventually.ts'
import { handledSignals, isTraced } from './process-status.ts'
import { Standing } from './standing.ts'

const program = join(import.meta.dirname, '../../../test/support/standing-process.ts')

/** A process whose main thread really stands still. */
function start(t: TestContext, how: string, limitMs: number, readErrors = true) {
  const child = spawn(process.execPath, [program, how, String(limitMs)], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  const exit = once(child, 'exit') as Promise<[number | null, string | null]>
  let errors = ''
  if (readErrors) child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const says = async (line: string) => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true) assert.fail(`it ended without saying ${line}: ${errors}`)
      if (value === line) return
    }
  }
  const logged = async () => {
    if (!child.stderr.closed) await once(child.stderr, 'close')
    return JSON.parse(errors.trim()) as Record<string, unknown>
  }
  return { child, exit, says, logged, pid: child.pid ?? 0 }
}

describe('a watchdog', { concurrency: 3 }, () => {
  it('ends a process whose main thread runs in a circle, and says where', async (t) => {
    const { exit, logged } = start(t, 'loop', 1000)
    assert.deepEqual(await exit, [null, 'SIGKILL'])
    const { time, stack, ...line } = await logged()
    assert.equal(typeof time, 'string')
    assert.deepEqual(line, {
      level: 'error',
      message: 'The main thread has stood for 1 s: the server is ended',
      state: 'R',
      waitsIn: '',
    })
    assert.match(String((stack as string[])[0]), /^spinForEver \(test\/support\/standing-process\.ts:\d+\)$/)
  })

  it('ends a process whose main thread waits in native code, and says in what state it is', async (t) => {
    const { exit, logged } = start(t, 'native', 1000)
    assert.deepEqual(await exit, [null, 'SIGKILL'])
    const { stack, state, waitsIn } = await logged()
    assert.deepEqual([stack, state], [[], 'S'])
    assert.match(String(waitsIn), /^\w*$/)
  })

  it('ends a process that waits for the reader of its log', async (t) => {
    const { exit } = start(t, 'pipe', 1000, false)
    assert.deepEqual(await exit, [null, 'SIGKILL'])
  })

  it('is not misled by a process that was stopped, and then lives', async (t) => {
    const { child, says, exit, pid } = start(t, 'lives', 3000)
    await says('lives')
    child.kill('SIGSTOP')
    await eventually(
      () => stateOf(pid),
      (state) => state === 'T',
      { what: 'a stopped process' },
    )
    // For longer than the limit, which is what is at stake here.
    await new Promise((resolve) => setTimeout(resolve, 4500))
    child.kill('SIGCONT')
    for (let times = 0; times < 4; times++) await says('lives')
    child.kill('SIGKILL')
    assert.deepEqual(await exit, [null, 'SIGKILL'])
  })

  it('leaves a process alone that a debugger has hold of', async (t) => {
    const { child, says, exit } = start(t, 'debugger', 3000)
    await says('stands')
    let isOver = false
    void exit.then(() => (isOver = true))
    await new Promise((resolve) => setTimeout(resolve, 4500))
    assert.equal(isOver, false)
    child.kill('SIGKILL')
  })

  for (const second of ['SIGTERM', 'SIGINT'] as const) {
    it(`lets SIGTERM and then ${second} end a process whose main thread stands`, async (t) => {
      const { child, says, exit, pid } = start(t, 'loop', 3600_000)
      await says('stands')
      const isSpinning = async () => cpuTicksOf(pid)
      const before = await isSpinning()
      await eventually(isSpinning, (ticks) => ticks > before + 50, { what: 'a main thread that runs in a circle' })
      child.kill('SIGTERM')
      await eventually(
        () => handledSignals(['SIGTERM'], statusOf(pid)),
        ({ length }) => length === 0,
        {
          what: 'the first signal delivered',
        },
      )
      assert.equal(child.exitCode, null)
      child.kill(second)
      const [, signal] = await exit
      assert.match(String(signal), second === 'SIGTERM' ? /^SIGTERM$/ : /^SIGKILL$/)
    })
  }
})

const statusOf = (pid: number) => readFileSync(`/proc/${pid}/status`, 'latin1')
const stateOf = (pid: number) => /^State:\t(\w)/m.exec(statusOf(pid))?.[1]

/** Time of a processor, in hundredths of a second. */
function cpuTicksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
  return Number(fields[11])
}

test('Standing counts ticks without a beat, and not those while somebody holds the thread', () => {
  const standing = new Standing(3)
  const ticks = (count: number, isHeld = false) => standing.tick(count, isHeld)
  assert.deepEqual([ticks(1), ticks(1), ticks(1), ticks(1)], ['lives', 'stands', 'stands', 'too-long'])
  assert.deepEqual(
    [ticks(2), ticks(2), ticks(2, true), ticks(2), ticks(9)],
    ['lives', 'stands', 'lives', 'stands', 'lives'],
  )
})

test('what the kernel says of a process is read as it says it', () => {
  const status = 'Name:\tnode\nTracerPid:\t0\nSigIgn:\t0000000000001000\nSigCgt:\t0000000100004602\n'
  assert.deepEqual(handledSignals(['SIGHUP', 'SIGINT', 'SIGTERM'], status), ['SIGINT', 'SIGTERM'])
  assert.equal(isTraced(status), false)
  assert.equal(isTraced(status.replace('TracerPid:\t0', 'TracerPid:\t4711')), true)
  assert.deepEqual(handledSignals(['SIGINT'], ''), [])
})
