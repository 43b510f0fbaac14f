import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { ServerError } from '../contract/server-error.ts'
import { allIceServers, readTurnServers } from './turn-servers.ts'

test('readTurnServers gives clients credentials of their own time, and the host the STUN half of each server', (t) => {
  const secretFile = join(temporaryDirectory(t), 'secret')
  writeFileSync(secretFile, ' north\n')
  const clock = new ManualClock()
  const urls = ['turn:a.test:3478', 'turn:a.test:3478?transport=tcp', 'turns:a.test']
  const turn = readTurnServers({ urls, secretFile }, clock)
  assert.deepEqual(turn.forHost, [{ urls: 'stun:a.test:3478' }])
  const { servers, forMs } = turn.forClient()
  const [first] = servers
  assert.equal(forMs, 24 * 3_600_000)
  clock.advance(60_000)
  const [later] = turn.forClient().servers
  assert.deepEqual(first?.urls, urls)
  const expires = ({ username = '' } = first ?? {}) => Number(username.split(':')[0])
  assert.equal(expires(later) - expires(first), 60)
  assert.equal(expires(first) * 1000, clock.epochMs() - 60_000 + 24 * 3_600_000)
  assert.notEqual(first?.credential, later?.credential)
  assert.ok(!JSON.stringify([first, turn.forHost]).includes('north'))
})

test('readTurnServers refuses a secret that is none, and repeats nothing of it', (t) => {
  const directory = temporaryDirectory(t)
  const file = (name: string, text: string) => {
    writeFileSync(join(directory, name), text)
    return join(directory, name)
  }
  mkdirSync(join(directory, 'folder'))
  const wrong = [
    join(directory, 'nothing'),
    join(directory, 'folder'),
    file('empty', '\n'),
    file('conf', 'static-auth-secret = SECRET\n'),
    file('long', 'SECRET'.repeat(1000)),
  ]
  for (const secretFile of wrong) {
    assert.throws(
      () => readTurnServers({ urls: ['turn:a.test'], secretFile }, new ManualClock()),
      (error) => error instanceof ServerError && error.code === 'invalid-config' && !error.message.includes('SECRET'),
    )
  }
})

test('allIceServers are good for as long as all of them are', () => {
  const one = { urls: 'stun:a.test' }
  assert.deepEqual(allIceServers([{ servers: [one] }, undefined]), { servers: [one] })
  const two = { urls: 'turn:b.test', username: '1:x', credential: 'y' }
  assert.deepEqual(
    allIceServers([
      { servers: [one], forMs: 9000 },
      { servers: [two], forMs: 5000 },
    ]),
    {
      servers: [one, two],
      forMs: 5000,
    },
  )
})
