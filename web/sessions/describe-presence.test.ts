import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LobbyView, SessionView } from '../../src/client/index.ts'
import { describePresence } from './describe-presence.ts'

const session: SessionView = {
  id: 's1',
  memberId: 'm',
  name: 'Ada',
  role: 'player',
  lobbyId: 'games',
  seats: [],
  createdAt: '2026-01-01T00:00:00Z',
  device: { id: null, kind: 'token', name: 'Firefox on Android' },
  picture: null,
  path: { path: 'direct', wire: 'webrtc', local: 'udp a', remote: 'udp b', since: '2026-01-01T00:00:00Z' },
}
const seats: LobbyView['seats'] = [
  { id: 'keyboard-mouse', holder: 's1', requests: [], locked: false },
  { id: 'gamepad-1', holder: 's2', requests: [], locked: false },
]

test('describePresence tells device, path and seats, and what is not known yet', () => {
  const lobby = { seats } as LobbyView
  assert.equal(describePresence(session, lobby), 'Firefox on Android · direct, WebRTC · has keyboard and mouse')
  assert.equal(
    describePresence({ ...session, device: null, path: null }, undefined),
    'an unknown device · no picture yet',
  )
})
