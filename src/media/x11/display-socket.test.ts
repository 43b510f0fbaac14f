import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { test, type TestContext } from 'node:test'
import { connectToDisplay } from './display-socket.ts'

/** No X server picks such a number. */
const displayNumber = 60_000 + (process.pid % 5000)
const path = `/tmp/.X11-unix/X${displayNumber}`

async function listen(t: TestContext, at: string, word: string): Promise<Server> {
  const server = createServer((socket) => void socket.end(word))
  server.listen(at)
  await once(server, 'listening')
  t.after(() => server.close())
  return server
}

async function greeting(): Promise<string> {
  const socket = await connectToDisplay(displayNumber)
  let text = ''
  for await (const chunk of socket.setEncoding('utf8')) text += chunk
  return text
}

test('connectToDisplay finds the server of this network namespace though another one has taken its file', async (t) => {
  await mkdir('/tmp/.X11-unix', { recursive: true, mode: 0o1777 })
  await listen(t, `\0${path}`, 'ours')
  await listen(t, path, 'theirs')
  assert.equal(await greeting(), 'ours')
})

test('connectToDisplay takes the file where there is no abstract socket, and rejects where there is neither', async (t) => {
  await mkdir('/tmp/.X11-unix', { recursive: true, mode: 0o1777 })
  await listen(t, path, 'by file')
  assert.equal(await greeting(), 'by file')
  await rm(path)
  await assert.rejects(connectToDisplay(displayNumber), { code: 'ENOENT' })
})
