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

describe('runQueues', () => {
  /** A process that runs programs one after the other, while another queue waits for them. */
  function startQueues(...programs: readonly string[]) {
    const queue = (own: readonly string[]) => ({
      programs: own.map((program) => ({ command: process.execPath, args: ['-e', program] })),
      lanes: 1,
    })
    const queues = JSON.stringify([queue(programs), queue(['console.log("beside")'])])
    const source = `const { runQueues } = await import('${module}'); console.log(JSON.stringify(await runQueues(${queues})))`
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() }
  }

  it('gives the exit code of each program, and shows all that each has said', async () => {
    const { lines } = startQueues('console.log("first")', 'console.log("second"); process.exit(3)')
    const said = await Array.fromAsync(lines)
    assert.deepEqual(said.slice(0, -1).toSorted(), ['beside', 'first', 'second'])
    assert.equal(said.at(-1), '[0,3,0]')
  })

  it('starts no other program after a signal', async () => {
    const { child, lines } = startQueues(listener, 'console.log("never")')
    const said: string[] = []
    for await (const line of lines) {
      said.push(line)
      if (line === 'ready') child.kill('SIGTERM')
    }
    assert.ok(!said.includes('never'))
    assert.match(said.at(-1) ?? '', /^\[7,143,/)
  })
})
