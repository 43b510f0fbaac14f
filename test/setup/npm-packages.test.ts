import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isSameInstall } from '../../scripts/setup/npm-packages.mjs'

const lock = {
  packages: {
    '': {},
    'node_modules/ws': { version: '8.0.0', integrity: 'sha512-a' },
    'node_modules/binding-darwin': { version: '1.0.0', integrity: 'sha512-b', optional: true },
  },
}

describe('isSameInstall', () => {
  it('accepts an installation without the packages of other platforms', () => {
    assert.equal(
      isSameInstall(lock, { packages: { 'node_modules/ws': { version: '8.0.0', integrity: 'sha512-a' } } }),
      true,
    )
  })

  const others = {
    'lacks a package': {},
    'has another version': { 'node_modules/ws': { version: '8.0.1', integrity: 'sha512-a' } },
    'has another content': { 'node_modules/ws': { version: '8.0.0', integrity: 'sha512-c' } },
    'has one package more': {
      'node_modules/ws': { version: '8.0.0', integrity: 'sha512-a' },
      'node_modules/left-over': { version: '1.0.0' },
    },
  }
  for (const [what, packages] of Object.entries(others)) {
    it(`refuses one that ${what}`, () => assert.equal(isSameInstall(lock, { packages }), false))
  }
})
