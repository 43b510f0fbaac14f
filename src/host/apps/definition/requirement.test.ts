import assert from 'node:assert/strict'
import { test } from 'node:test'
import { displayServer, whyUnavailable, type FindProgram } from './requirement.ts'

const installed =
  (...names: string[]): FindProgram =>
  async (name) =>
    names.includes(name) ? `/usr/bin/${name}` : undefined

test('whyUnavailable has nothing to say when everything is installed, be it the second choice', async () => {
  assert.equal(await whyUnavailable([displayServer], installed('Xvfb')), undefined)
  assert.equal(await whyUnavailable([], installed()), undefined)
})

test('whyUnavailable names every missing program and one command that brings each package once', async () => {
  const reason = await whyUnavailable(
    [
      displayServer,
      { anyOf: ['openbox'], package: 'openbox' },
      { anyOf: ['xsetroot'], package: 'x11-xserver-utils' },
      { anyOf: ['xrandr'], package: 'x11-xserver-utils' },
    ],
    installed('openbox'),
  )
  assert.equal(
    reason,
    'Not installed here: Xvnc or Xvfb, xsetroot, xrandr. To install: ' +
      'sudo apt-get install --no-install-recommends tigervnc-standalone-server x11-xserver-utils',
  )
})
