import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitRemedy } from './split-remedy.ts'

test('splitRemedy takes along the command that a remedy ends with', () => {
  assert.deepEqual(
    splitRemedy('Not installed here: xterm. To install: sudo apt-get install --no-install-recommends xterm'),
    {
      sentence: 'Not installed here: xterm. To install:',
      commands: ['sudo apt-get install --no-install-recommends xterm'],
    },
  )
  assert.deepEqual(splitRemedy('npm ci'), { sentence: '', commands: ['npm ci'] })
})

test('splitRemedy takes along what stands between backticks', () => {
  assert.deepEqual(splitRemedy('Run `npm ci`, then `porchlight doctor`.'), {
    sentence: 'Run npm ci, then porchlight doctor.',
    commands: ['npm ci', 'porchlight doctor'],
  })
})

test('splitRemedy leaves a sentence a sentence', () => {
  const text = 'Install the packages of this project anew (npm ci); porchlight doctor says what each encoder reports.'
  assert.deepEqual(splitRemedy(text), { sentence: text, commands: [] })
})
