import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testPattern } from '../host/apps/test-pattern.ts'
import type { EncoderReport } from '../media/link/messages.ts'
import { lackOfSpace } from './free-space.ts'
import { hostInfo, missingParts, usualEncoding, type Findings } from './inventory.ts'

const report = (name: string, codec: 'h264' | 'vp8', available: boolean): EncoderReport => {
  return { name, codec, available, reason: available ? '' : 'no device' }
}
const software = [report('h264_nvenc', 'h264', false), report('libx264', 'h264', true), report('libvpx', 'vp8', true)]

const nothingMissing: Findings = {
  apps: [testPattern],
  runsAs: { kind: 'ordinary' },
  noSound: undefined,
  noGamepads: undefined,
  encoders: software,
  absentLobbies: [],
  lacking: [],
}

test('missingParts is empty where everything is there', () => assert.deepEqual(missingParts(nothingMissing), []))

test('missingParts names lobbies, apps, sound and encoders with their remedies', () => {
  const desktop = { ...testPattern, title: 'Desktop', unavailable: 'install openbox' }
  const parts = missingParts({
    apps: [desktop],
    runsAs: { kind: 'root', why: 'start it as another user' },
    noSound: 'install pulseaudio',
    noGamepads: undefined,
    encoders: [report('libvpx', 'vp8', true)],
    absentLobbies: [{ id: 'ab', title: 'Games', reason: 'No such app.' }],
    lacking: lackOfSpace('/data', 1.5 * 1024 ** 2),
  })
  assert.deepEqual(
    parts.map(({ what }) => what),
    ['Disk space', 'Users of apps', 'Lobby "Games"', 'Desktop', 'Sound', 'H.264 encoder'],
  )
  assert.deepEqual(
    parts.slice(0, 5).map(({ remedy }) => remedy),
    [
      '1.5 MB are free on the disk of /data: make room there.',
      'start it as another user',
      'No such app. It is tried again at the next start; DELETE /api/v1/lobbies/ab gives it up.',
      'install openbox',
      'install pulseaudio',
    ],
  )
})

test('missingParts says nothing of encoders that have not been tried yet', () => {
  assert.deepEqual(
    missingParts({
      apps: [],
      runsAs: { kind: 'ordinary' },
      noSound: undefined,
      noGamepads: undefined,
      encoders: [],
      absentLobbies: [],
      lacking: [],
    }),
    [],
  )
})

test('usualEncoding is the best H.264 encoder that works, else whatever works', () => {
  assert.deepEqual(usualEncoding(software), { codec: 'H.264', encoder: 'x264' })
  assert.deepEqual(usualEncoding(software.slice(2)), { codec: 'VP8', encoder: 'libvpx' })
  assert.equal(usualEncoding([]), undefined)
})

const facts = {
  version: '1.0.0',
  links: [],
  nativeLinks: [],
  certificate: null,
  dataDirectory: '/data',
  limits: { lobbies: 1, sessions: 1, idleMs: 1, encoderBudget: 2 },
}

test('hostInfo tells why an encoder is not used', () => {
  const { encoders } = hostInfo(facts, {
    apps: [],
    runsAs: { kind: 'ordinary' } as const,
    noSound: undefined,
    noGamepads: undefined,
    encoders: software,
    absentLobbies: [],
    lacking: [],
  })
  assert.deepEqual(encoders[0], { name: 'h264_nvenc', codec: 'h264', available: false, reason: 'no device' })
  assert.equal(encoders[1]?.reason, null)
})

test('missingParts names a gateway that cannot be used, with why, and none that can', () => {
  const withGateway = (state: 'registered' | 'failed', why: string | null) =>
    missingParts({ ...nothingMissing, gateway: { url: 'https://plane.example.org', state, why } })
  assert.deepEqual(withGateway('registered', null), [])
  assert.deepEqual(
    withGateway('failed', 'connection refused').map(({ what }) => what),
    ['Gateway https://plane.example.org'],
  )
})
