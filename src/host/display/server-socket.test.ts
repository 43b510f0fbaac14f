import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { findServerSocket, removeServerSocket, socketPathOf } from './server-socket.ts'

describe('removeServerSocket', () => {
  // A number that no server picks by itself.
  const displayNumber = 60_391
  const path = socketPathOf(displayNumber)

  beforeEach(async () => {
    await mkdir('/tmp/.X11-unix', { recursive: true, mode: 0o1777 })
    await writeFile(path, '')
  })
  afterEach(() => rm(path, { force: true }))

  it('removes the socket that a dead server has left', async () => {
    await removeServerSocket(await findServerSocket(displayNumber))
    assert.equal(existsSync(path), false)
  })

  it('leaves alone what another server has put in its place', async () => {
    const socket = await findServerSocket(displayNumber)
    await rm(path)
    await writeFile(path, '')
    await removeServerSocket(socket)
    assert.equal(existsSync(path), true)
  })

  it('does nothing when the server has removed it', async () => {
    const socket = await findServerSocket(displayNumber)
    await rm(path)
    await removeServerSocket(socket)
  })
})
