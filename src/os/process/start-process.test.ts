import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { startProcess } from './start-process.ts'

const sh = (script: string, pipes: readonly number[] = [1, 2]) =>
  startProcess({ command: ['/bin/sh', '-c', script], env: { PATH: '/usr/bin:/bin' }, pipes })

test('startProcess tells how a process ended, however many end at once and however soon', async () => {
  const codes = Array.from({ length: 20 }, (_, code) => code)
  const ended = await Promise.all(codes.map(async (code) => await (await sh(`exit ${code}`)).exited))
  assert.deepEqual(
    ended,
    codes.map((code) => ({ code, signal: null })),
  )
  const running = await sh('exec sleep 100')
  assert.equal(running.status, undefined)
  running.kill('SIGTERM')
  assert.deepEqual(await running.exited, { code: null, signal: 'SIGTERM' })
  assert.deepEqual(running.status, { code: null, signal: 'SIGTERM' })
  // Its number may be somebody else's now.
  running.kill('SIGKILL')
})

test('startProcess gives a process its directory, its environment and its pipes, both ways, and nothing else', async () => {
  const child = await startProcess({
    command: ['/bin/sh', '-c', 'pwd; echo "$COLOUR$HOME"; echo to the third >&3; cat <&3 >&2; ls -l /proc/$$/fd'],
    env: { PATH: '/usr/bin:/bin', COLOUR: 'red', HOME: undefined },
    directory: tmpdir(),
    pipes: [1, 2, 3],
  })
  const said = [1, 2].map((descriptor) => text(child.pipe(descriptor)))
  const [first] = (await once(child.pipe(3), 'data')) as [Buffer]
  assert.equal(first.toString(), 'to the third\n')
  child.pipe(3).end('and back')
  const [out = '', errors] = await Promise.all(said)
  assert.deepEqual(await child.exited, { code: 0, signal: null })
  assert.equal(errors, 'and back')
  assert.deepEqual(out.split('\n').slice(0, 2), [tmpdir(), 'red'])
  // What this process has inherited itself is far above them.
  const descriptors = [...out.matchAll(/ (\d) -> (\w+|\/dev\/null)/g)].map(([, number, file]) => [number, file])
  assert.deepEqual(descriptors, [
    ['0', '/dev/null'],
    ['1', 'socket'],
    ['2', 'socket'],
    ['3', 'socket'],
  ])
})

test('startProcess has a process hear all signals as by default, in a session of its own', async () => {
  const child = await sh('cat /proc/self/status; cut -d" " -f1,5,6 /proc/$$/stat')
  const said = await text(child.pipe(1))
  const mask = (name: string, status: string) => BigInt(`0x${new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1]}`)
  const own = readFileSync('/proc/self/status', 'latin1')
  assert.ok(mask('SigIgn', own) & (1n << 12n), 'Node itself ignores SIGPIPE')
  assert.deepEqual([mask('SigIgn', said), mask('SigBlk', said)], [0n, 0n])
  assert.ok(said.endsWith(`\n${child.pid} ${child.pid} ${child.pid}\n`))
})

test('startProcess rejects with the system’s error for what cannot be started, and leaves nothing open', async () => {
  const open = () => readFileSync('/proc/self/status', 'latin1').match(/^FDSize.*$/m)?.[0]
  const before = open()
  for (let attempt = 0; attempt < 300; attempt++) {
    await assert.rejects(startProcess({ command: ['/no/such/program'], env: {}, pipes: [1, 2, 3] }), { code: 'ENOENT' })
  }
  await assert.rejects(startProcess({ command: [tmpdir()], env: {}, pipes: [] }), { code: 'EACCES' })
  await assert.rejects(startProcess({ command: ['/bin/true'], directory: '/no/such', env: {}, pipes: [] }), {
    code: 'ENOENT',
  })
  for (const wrong of [{ command: ['/bin/true', 'a\0b'] as const }, { env: { A: 'a\0b' } }, { directory: '/\0' }]) {
    await assert.rejects(startProcess({ command: ['/bin/true'], env: {}, pipes: [], ...wrong }))
  }
  assert.equal(open(), before)
})
