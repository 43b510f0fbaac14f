import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { openPorchlight } from '../../support/running-porchlight.ts'

const main = join(import.meta.dirname, '../../../src/cli/main.ts')

/** What the command line answers, and how it ends. */
async function porchlight(...args: readonly string[]): Promise<{ code: unknown; output: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; output: string }>()
  execFile(process.execPath, [main, ...args], (error, stdout) => resolve({ code: error?.code ?? 0, output: stdout }))
  return await promise
}

test('porchlight replay shows what a real host recorded of a client that broke the protocol', async (t) => {
  const recordings = await mkdtemp(join(tmpdir(), 'recordings-'))
  t.after(() => rm(recordings, { recursive: true }))
  await using server = await openPorchlight({ flags: ['--record', recordings] })
  const socket = new WebSocket(server.signallingUrl, ['porchlight.v1', `bearer.${server.ownerToken}`])
  await once(socket, 'message')
  for (const type of ['ping', 'pong']) socket.send(JSON.stringify({ type, timestamp: 1 }))
  await once(socket, 'close')
  await server.stop()

  const files = await readdir(recordings)
  assert.equal(files.length, 1)
  const { code, output } = await porchlight('replay', join(recordings, String(files[0])))
  assert.equal(code, 1)
  assert.match(output, /host -> ready\n/)
  assert.match(output, /host <- ping\n.*host -> pong\n/)
  assert.match(
    output,
    /Violation: host keep-alive: host received "pong" from client; expected to send "ping" to client/,
  )
})
