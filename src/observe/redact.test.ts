import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redact } from './redact.ts'

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
