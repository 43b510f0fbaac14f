import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeChange } from './judge-change.ts'
import { SettingsError } from './settings-error.ts'

function refused(wanted: Readonly<Record<string, unknown>>): SettingsError {
  try {
    judgeChange(new Map(), wanted)
  } catch (error) {
    if (error instanceof SettingsError) return error
    throw error
  }
  return assert.fail('it was let through')
}

test('judgeChange keeps values as JSON has them, however they were typed', () => {
  const wanted = {
    port: '9000',
    'no-mdns': 'yes',
    size: '1920x1080',
    origin: ['https://Play.example.org/'],
    'ice-server': ['turn:a.example,ada,pass', { urls: 'stun:b.example' }],
    'viewer-processes': 'auto',
    'encoder-budget': 2.5,
  }
  const changes = judgeChange(new Map(), wanted)
  const asKept = {
    port: 9000,
    'no-mdns': true,
    size: '1920x1080',
    origin: ['https://play.example.org'],
    'ice-server': [{ urls: 'turn:a.example', username: 'ada', credential: 'pass' }, { urls: 'stun:b.example' }],
    'viewer-processes': 'auto',
    'encoder-budget': 2.5,
  }
  assert.deepEqual(Object.fromEntries(changes), asKept)
  assert.deepEqual(judgeChange(new Map(), asKept), changes, 'what was kept is kept again')
})

test('judgeChange names every fault, and lets nothing through with one', () => {
  const error = refused({ port: 'eighty', lobbies: 5, prot: 1, data: '/srv' })
  assert.equal(error.code, 'invalid-setting')
  assert.deepEqual(
    error.faults.map(({ name }) => name),
    ['port', 'prot', 'data'],
  )
  assert.match(error.message, /^Cannot use port: got "eighty", wanted a port number .*, 9000 for instance$/m)
  assert.match(error.message, /^Cannot keep data in the settings: .* --data or PORCHLIGHT_DATA$/m)
})

test('judgeChange says what somebody may have meant, and refuses a path that depends on where one stands', () => {
  assert.equal(refused({ '--port': 1 }).message, 'Cannot find a setting "--port": did you mean port')
  assert.equal(refused({ moon: 1 }).message, 'Cannot find a setting "moon": did you mean moonlight or moonlight-port')
  assert.match(refused({ record: 'here' }).message, /got "here", wanted a directory, by an absolute path/)
})

test('judgeChange forgets what is kept, what no version knows any more too, and nothing else', () => {
  const kept = new Map<string, unknown>([
    ['port', 9000],
    ['of-a-later-version', 1],
  ])
  const changes = judgeChange(kept, { port: null, 'of-a-later-version': null, lobbies: null })
  assert.deepEqual(
    [...changes],
    [
      ['port', undefined],
      ['of-a-later-version', undefined],
    ],
  )
  assert.equal(refused({ nonsense: null }).code, 'unknown-setting')
})
