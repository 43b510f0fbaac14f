import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aptCommand } from '../../scripts/setup/apt.mjs'
import { missingPackages, systemPackages } from '../../scripts/setup/system-packages.mjs'

describe('missingPackages', () => {
  it('names those whose proof is not there', () => {
    const missing = missingPackages(
      systemPackages,
      (proof) => proof !== 'Xvnc' && !proof.startsWith('/usr/share/fonts'),
    )
    assert.deepEqual(
      missing.map(({ name }) => name),
      ['tigervnc-standalone-server', 'fonts-dejavu-core', 'fonts-droid-fallback'],
    )
  })
})

describe('systemPackages', () => {
  it('says of each one why, and what works without it', () => {
    assert.equal(new Set(systemPackages.map(({ name }) => name)).size, systemPackages.length)
    for (const { name, why, without } of systemPackages) {
      assert.match(name, /^[a-z0-9][a-z0-9+.-]+$/)
      assert.ok(why.length > 0 && without.length > 0, name)
    }
  })
})

describe('aptCommand', () => {
  it('is one line to paste, with sudo where it is needed', () => {
    assert.equal(aptCommand(['xterm'], 'root'), 'apt-get update && apt-get install -y --no-install-recommends xterm')
    assert.match(aptCommand(['xterm'], 'sudo'), /^sudo apt-get update && sudo apt-get install/)
  })
})
