import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeGateway } from './describe-gateway.ts'

test('describeGateway says since when the host is found there, and what has come of it', () => {
  const nowMs = Date.UTC(2026, 11, 1, 12)
  const registered = { url: 'https://plane.test', state: 'registered', why: null } as const
  assert.equal(
    describeGateway({ ...registered, since: '2026-12-01T10:00:00.000Z', visitors: 3, missed: 1, relays: 2 }, nowMs),
    'Registered 2 hours ago; 3 visitors, 1 of them missed; it knows 2 relays',
  )
  assert.equal(describeGateway(registered, nowMs), 'Registered now; no visitors yet')
  assert.equal(
    describeGateway({ ...registered, state: 'failed', why: 'connection refused', visitors: 1, relays: 2 }, nowMs),
    'Not reached, and tried again: connection refused; one visitor',
  )
})
