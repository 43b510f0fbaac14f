import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'

const module = new URL('../../scripts/setup/run-foreground.mjs', import.meta.url).href

/** Says what it receives; ends with 7 at SIGTERM. */
const listener = `
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => console.log(signal))
  process.on('SIGTERM', () => process.exit(7))
  setInterval(() => {}, 60_000)
  console.log('ready')
`

/** A process that runs `program` in the foreground; it ends with its exit code. */
function startForeground(program: string) {
  const programs = JSON.stringify([{ command: process.execPath, args: ['-e', program] }])
  const source = `const { runForeground } = await import('${module}'); process.exit(await runForeground(${programs}))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() }
}

describe('runForeground', () => {
  it('passes one signal for a burst of the same, and ends with the exit code of its program', async () => {
    const { child, lines } = startForeground(listener)
    const exit = once(child, 'exit')
    assert.equal((await lines.next()).value, 'ready')
    child.kill('SIGINT')
    child.kill('SIGINT')
    assert.equal((await lines.next()).value, 'SIGINT')
    child.kill('SIGTERM')
    assert.equal((await lines.next()).value, 'SIGTERM')
    assert.deepEqual(await exit, [7, null])
    assert.equal((await lines.next()).done, true)
  })

  it('ends its program with SIGTERM when the terminal goes away', async () => {
    const { child, lines } = startForeground(listener)
    const exit = once(child, 'exit')
    await lines.next()
    child.kill('SIGHUP')
    assert.equal((await lines.next()).value, 'SIGTERM')
    assert.deepEqual(await exit, [7, null])
  })

  it('ends a program at the second signal, whichever, that does nothing any more', async () => {
    const { child, lines } = startForeground(`
      for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})
      console.log('ready')
      for (;;);
    `)
    const exit = once(child, 'exit')
    await lines.next()
    child.kill('SIGINT')
    child.kill('SIGTERM')
    assert.deepEqual(await exit, [137, null])
  })

  it('ends with 128 and the signal when a signal ended its program', async () => {
    const { child } = startForeground("process.kill(process.pid, 'SIGKILL')")
    assert.deepEqual(await once(child, 'exit'), [137, null])
  })
})
