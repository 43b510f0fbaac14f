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
  sound: { asked: 'stereo', given: 'stereo' },
  path: { path: 'direct', wire: 'webrtc', local: 'udp a', remote: 'udp b', since: '2026-01-01T00:00:00Z' },
}
const seats: LobbyView['seats'] = [
  { id: 'keyboard-mouse', holder: 's1', requests: [], locked: false },
  { id: 'gamepad-1', holder: 's2', requests: [], locked: false },
]

const picture = {
  codec: 'h264',
  width: 1280,
  height: 720,
  fps: 60,
  bitrateBps: 4_200_000,
  asked: null,
  reason: null,
} as const

test('describePresence tells what is seen, and what was wished for instead', () => {
  const seen = (more: Partial<NonNullable<SessionView['picture']>>) =>
    describePresence({ ...session, picture: { ...picture, ...more } }, undefined)
  const begin = 'Firefox on Android · direct, WebRTC · sees 1280 × 720 at 60 fps, 4.2 Mbit/s'
  assert.equal(seen({}), begin)
  assert.equal(seen({ asked: { width: 1280, height: 720, maxFps: 60 } }), `${begin}, as wished`)
  const asked = { width: 1920, height: 1080, maxFps: 60 }
  assert.equal(
    seen({ asked, reason: 'This host has no room' }),
    `${begin} instead of 1920 × 1080 at 60 fps, which this host cannot encode now`,
  )
})

test('describePresence tells device, path and seats, and what is not known yet', () => {
  const lobby = { seats } as LobbyView
  assert.equal(describePresence(session, lobby), 'Firefox on Android · direct, WebRTC · has keyboard and mouse')
  const hears = (given: 'stereo' | '5.1' | null) =>
    describePresence({ ...session, device: null, sound: { asked: '5.1', given } }, undefined)
      .split(' · ')
      .slice(2)
  assert.deepEqual([hears('5.1'), hears('stereo'), hears(null)], [['5.1 surround'], ['hears stereo, asks for 5.1'], []])
  assert.equal(
    describePresence({ ...session, device: null, path: null }, undefined),
    'an unknown device · no picture yet',
  )
})
