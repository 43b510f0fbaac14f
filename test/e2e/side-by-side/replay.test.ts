import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { runCommandLine } from '../../support/command-line.ts'
import { openPorchlight } from '../../support/running-porchlight.ts'

test('porchlight replay shows what a real host recorded of a client that broke the protocol', async (t) => {
  const recordings = await mkdtemp(join(tmpdir(), 'recordings-'))
  t.after(() => rm(recordings, { recursive: true }))
  await using server = await openPorchlight({ flags: ['--record', recordings] })
  assert.equal((await server.firstLobby()).title, 'Desktop', 'what is on when nothing else was asked for')
  const socket = new WebSocket(server.signallingUrl, ['porchlight.v1', `bearer.${server.ownerToken}`])
  await once(socket, 'message')
  for (const type of ['ping', 'pong']) socket.send(JSON.stringify({ type, timestamp: 1 }))
  await once(socket, 'close')
  await server.stop()

  const files = await readdir(recordings)
  assert.equal(files.length, 1)
  const { code, output } = await runCommandLine(['replay', join(recordings, String(files[0]))])
  assert.equal(code, 1)
  assert.match(output, /host -> ready\n/)
  assert.match(output, /host <- ping\n.*host -> pong\n/)
  assert.match(
    output,
    /Violation: host keep-alive: host received "pong" from client; expected to send "ping" to client/,
  )
})
