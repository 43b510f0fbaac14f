import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { systemClock as clock } from '../../kernel/clock.ts'
import { silentLog as log } from '../../kernel/log.ts'
import { removeLeftNumbers, reserveDisplayNumber } from './display-number.ts'
import { openDisplay } from './open-display.ts'
import { findServerSocket, socketPathOf } from './server-socket.ts'

const lockOf = (number: number) => `/tmp/.X${number}-lock`
/** Numbers that no server takes. */
const high = 40_000 + (process.pid % 9000)

async function openHere(t: TestContext) {
  const runtimeDirectory = await mkdtemp(join(tmpdir(), 'display-number-'))
  t.after(() => rm(runtimeDirectory, { recursive: true, force: true }))
  const display = await openDisplay({ runtimeDirectory, size: { width: 640, height: 480 }, layout: 'us', log, clock })
  t.after(() => display.close())
  return { display, number: Number(display.name.slice(1)), runtimeDirectory }
}

describe('reserveDisplayNumber', () => {
  it('gives a number to one alone, in a lock that X servers understand', async () => {
    const one = await reserveDisplayNumber('abc', high)
    const other = await reserveDisplayNumber(undefined, high)
    assert.notEqual(one.number, other.number)
    assert.equal(readFileSync(lockOf(one.number), 'utf8'), `${String(process.pid).padStart(10)}\nporchlight abc\n`)
    for (const reserved of [one, other]) {
      await reserved.release()
      await reserved.release()
      assert.ok(!existsSync(lockOf(reserved.number)))
    }
  })

  it('takes no number on whose socket somebody listens, with a lock or without', async (t) => {
    const server = createServer().listen(socketPathOf(high + 10))
    t.after(() => server.close())
    await once(server, 'listening')
    const reserved = await reserveDisplayNumber(undefined, high + 10)
    t.after(() => reserved.release())
    assert.ok(reserved.number > high + 10)
    assert.ok(!existsSync(lockOf(high + 10)))
  })
})

describe('a display', () => {
  it('keeps its number and its socket from a server in another network namespace', async (t) => {
    const { display, number, runtimeDirectory } = await openHere(t)
    const before = await findServerSocket(number)
    const script = `
      const { openDisplay } = await import(${JSON.stringify(import.meta.resolve('./open-display.ts'))})
      const { systemClock: clock } = await import(${JSON.stringify(import.meta.resolve('../../kernel/clock.ts'))})
      const { silentLog: log } = await import(${JSON.stringify(import.meta.resolve('../../kernel/log.ts'))})
      const options = { runtimeDirectory: process.argv[1], size: { width: 640, height: 480 }, layout: 'us', log, clock }
      const display = await openDisplay(options)
      console.log(display.name)
      await display.close()`
    const words = [
      '--user',
      '--map-root-user',
      '--net',
      process.execPath,
      '-e',
      script,
      join(runtimeDirectory, 'other'),
    ]
    const other = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] })
    const [name] = await once(other.stdout, 'data')
    assert.notEqual(String(name).trim(), display.name)
    assert.deepEqual(await once(other, 'exit'), [0, null])
    assert.equal((await findServerSocket(number)).identity, before.identity)
    await display.close()
    assert.ok(!existsSync(lockOf(number)))
  })

  it('takes another number where a server listens that has no file', async (t) => {
    const first = await openHere(t)
    await rm(socketPathOf(first.number))
    await rm(lockOf(first.number))
    const second = await openHere(t)
    assert.notEqual(second.number, first.number)
  })
})

describe('removeLeftNumbers', () => {
  it('removes what its own host has left, and nothing of others', async (t) => {
    const [host, other] = [randomUUID(), randomUUID()]
    const left = await reserveDisplayNumber(host, high + 20)
    const theirs = await reserveDisplayNumber(other, high + 20)
    t.after(() => theirs.release())
    // A socket that nobody listens on any more, as a server that was killed leaves it.
    const script = `require('node:net').createServer().listen('${socketPathOf(left.number)}', () => process.kill(process.pid, 9))`
    await once(spawn(process.execPath, ['-e', script]), 'exit')
    await symlink(lockOf(left.number), lockOf(high + 40))
    t.after(() => rm(lockOf(high + 40), { force: true }))
    await removeLeftNumbers(host)
    assert.ok(!existsSync(lockOf(left.number)))
    assert.ok(!existsSync(socketPathOf(left.number)))
    assert.ok(existsSync(lockOf(theirs.number)))
  })

  it('leaves a number whose server still runs', async (t) => {
    const host = randomUUID()
    const left = await reserveDisplayNumber(host, high + 60)
    t.after(() => left.release())
    const server = createServer().listen(socketPathOf(left.number))
    t.after(() => server.close())
    await once(server, 'listening')
    await removeLeftNumbers(host)
    assert.ok(existsSync(lockOf(left.number)))
  })
})
