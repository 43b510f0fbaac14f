import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testPattern } from '../host/apps/test-pattern.ts'
import { chooseFirstApp } from './first-lobby.ts'
import { ServerError } from './contract/server-error.ts'

const desktop = { ...testPattern, id: 'desktop', unavailable: 'no display server' }
const terminal = { ...testPattern, id: 'terminal' }
const apps = [desktop, terminal, testPattern]

test('chooseFirstApp takes the first that can run', () => {
  assert.equal(chooseFirstApp(apps, undefined), terminal)
  assert.equal(chooseFirstApp([desktop], undefined), undefined)
})

test('chooseFirstApp takes the wanted one where it can run, else the best that can', () => {
  assert.equal(chooseFirstApp(apps, 'test-pattern'), testPattern)
  assert.equal(chooseFirstApp(apps, 'desktop'), terminal)
})

test('chooseFirstApp refuses one that does not exist and lists those that do', () => {
  assert.throws(
    () => chooseFirstApp(apps, 'tetris'),
    (error) => error instanceof ServerError && /desktop, terminal, test-pattern/.test(error.message),
  )
})
