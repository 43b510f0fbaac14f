import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appEnvironment } from './app-environment.ts'

const place = { home: '/data/homes/desktop', runtimeDirectory: '/run/lobby/xdg' }

test('appEnvironment hands on what apps need and nothing else of the host', () => {
  const environment = appEnvironment(
    {
      PATH: '/bin',
      LANG: 'de_DE.UTF-8',
      HOME: '/root',
      DISPLAY: ':0',
      AWS_SECRET_ACCESS_KEY: 'x',
      NODE_OPTIONS: '-r x',
    },
    place,
  )
  assert.deepEqual(environment, {
    PATH: '/bin',
    LANG: 'de_DE.UTF-8',
    SHELL: '/bin/sh',
    HOME: '/data/homes/desktop',
    XDG_RUNTIME_DIR: '/run/lobby/xdg',
  })
})

test('appEnvironment has a path, a UTF-8 locale and a shell when the host has none', () => {
  const environment = appEnvironment({ PATH: '', LANG: undefined }, place)
  assert.match(environment['PATH'] ?? '', /\/usr\/bin/)
  assert.equal(environment['LANG'], 'C.UTF-8')
  assert.equal(environment['SHELL'], '/bin/sh')
})

test('appEnvironment names the user that an app has of its own', () => {
  const host = { USER: 'root', LOGNAME: 'root', SHELL: '/bin/zsh' }
  const environment = appEnvironment(host, { ...place, account: { name: 'porchlight', shell: '/bin/bash' } })
  const { USER, LOGNAME, SHELL, HOME } = environment
  assert.deepEqual([USER, LOGNAME, SHELL, HOME], ['porchlight', 'porchlight', '/bin/bash', place.home])
})
