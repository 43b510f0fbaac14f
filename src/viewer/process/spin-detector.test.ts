import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { SpinDetector } from './spin-detector.ts'

test('SpinDetector sees a thread of the library that spins on a packet, and none before', async () => {
  const program = fileURLToPath(new URL('../../../test/support/spinning-peer.ts', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const seen: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      seen.push(line)
      if (line !== '0.0') break
    }
    assert.deepEqual(new Set(seen.slice(0, 5)), new Set(['0.0']))
    assert.ok(Number(seen.at(-1)) >= 0.6, seen.join(' '))
  } finally {
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
})

test('SpinDetector blames no thread that waits now and then, gets no processor, or is not of the library', (t) => {
  const tasks = temporaryDirectory(t)
  const tell = (id: number, name: string, ticks: number, waits: number) => {
    const directory = join(tasks, String(id))
    mkdirSync(directory, { recursive: true })
    const fields = ['R', ...Array.from({ length: 10 }, () => '0'), String(ticks), '0', '0']
    writeFileSync(join(directory, 'stat'), `${id} (${name}) ${fields.join(' ')}`)
    writeFileSync(join(directory, 'status'), `Name:\t${name}\nvoluntary_ctxt_switches:\t${waits}\n`)
  }
  const spins = new SpinDetector({ tasks })
  const look = (ticks: number) => {
    tell(1, 'node', ticks, 7)
    tell(2, 'RTC worker', ticks, ticks)
    tell(3, 'RTC worker', 40, 7)
    return spins.look()
  }
  assert.deepEqual([0, 100, 200, 300].map(look), [0, 0, 0, 0])
  tell(4, 'juice (mux) 1', 10, 3)
  look(400)
  tell(4, 'juice (mux) 1', 75, 3)
  assert.equal(look(500), 0.65)
})
