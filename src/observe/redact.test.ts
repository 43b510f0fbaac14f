import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redact, redactText } from './redact.ts'

test('redact censors secrets by name however deep and in whatever case', () => {
  const found = JSON.stringify(
    redact({
      token: 'SECRET',
      resumeToken: 'SECRET',
      headers: { Authorization: 'SECRET', Cookie: 'SECRET', host: 'porch' },
      events: [{ type: 'text', text: 'SECRET' }],
      deep: new Map([['a', { b: { pin: 'SECRET' } }]]),
      lobbyId: 'games',
    }),
  )
  assert.ok(!found.includes('SECRET'), found)
  assert.ok(found.includes('games') && found.includes('porch'), found)
})

test('redact censors what links, query strings and credentials carry, in any text', () => {
  const shown = JSON.stringify(
    redact({
      url: 'wss://porch:8777/api/v1/signal?invite=SECRET&lobby=games',
      link: 'https://porch/#handover=SECRET&session=id.SECRET&lobby=games',
      header: 'Bearer SECRET',
      subprotocols: ['porchlight.signal.v1', 'bearer.SECRET'],
      error: new Error('Cannot open ws://porch/?token=SECRET: refused', { cause: new Error('resumeToken=SECRET') }),
    }),
  )
  assert.ok(!shown.includes('SECRET'), shown)
  assert.ok(shown.includes('lobby=games') && shown.includes('refused'), shown)
  assert.equal(redactText('no session was lost, and no token'), 'no session was lost, and no token')
})

test('redact shows errors with code and cause, and bytes by their number', () => {
  const error = Object.assign(new Error('no', { cause: new Error('because') }), { code: 'x-failed' })
  const { error: shown, bytes } = redact({ error, bytes: new Uint8Array(5) }) as {
    error: Record<string, unknown>
    bytes: unknown
  }
  assert.equal(shown['message'], 'no')
  assert.equal(shown['code'], 'x-failed')
  assert.equal((shown['cause'] as Record<string, unknown>)['message'], 'because')
  assert.equal(bytes, '[5 bytes]')
})

test('redact ends on an object that contains itself', () => {
  const loop: Record<string, unknown> = {}
  loop['self'] = loop
  assert.ok(JSON.stringify(redact(loop)).includes('[too deep]'))
})
