import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Role } from './member.ts'
import { audienceOf, type VoiceChoice } from './audience.ts'

const choices: readonly VoiceChoice[] = ['app', 'players', 'everybody']
const hearers = (role: Role, microphone: boolean) =>
  choices.map((choice) => {
    const { app, members } = audienceOf(role, { choice, microphone })
    return [app ? 'app' : '', members ? 'members' : ''].join(' ').trim()
  })

test('audienceOf lets the app hear those who may play, and the others whom the owner has chosen', () => {
  for (const role of ['owner', 'player', 'agent'] as const) {
    assert.deepEqual(hearers(role, true), ['app', 'app members', 'app members'])
    assert.deepEqual(hearers(role, false), ['', 'members', 'members'])
  }
  assert.deepEqual(hearers('viewer', true), ['', '', 'members'])
  assert.deepEqual(hearers('app', true), ['', '', ''])
})
