import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { ViewError } from '../contract/view-error.ts'
import { OwnFiles, ownDirectory } from './own-files.ts'

test('OwnFiles keeps one key for this user alone, and hosts over everything', (t) => {
  const directory = join(temporaryDirectory(t), 'porchlight')
  const files = new OwnFiles(directory)
  const { publicKey } = files.deviceKey()
  assert.deepEqual(new OwnFiles(directory).deviceKey().publicKey, publicKey)
  assert.equal(statSync(join(directory, 'device-key.pem')).mode & 0o777, 0o600)
  assert.equal(statSync(directory).mode & 0o777, 0o700)
  const host = { name: 'box:47900', key: new Uint8Array(32).fill(1), pinnedMs: 5 }
  files.changeKnownHosts((known) => known.pin(host))
  assert.equal(new OwnFiles(directory).knownHosts().judge(host.name, host.key), 'known')
  const written = readFileSync(join(directory, 'known-hosts'), 'utf8')
  files.changeKnownHosts((known) => known.pin(host))
  assert.equal(readFileSync(join(directory, 'known-hosts'), 'utf8'), written)
  files.changeKnownHosts((known) => known.forget(host.name))
  assert.equal(files.knownHosts().all.length, 0)
})

test('OwnFiles leaves alone what is none of its files, and names it', (t) => {
  const directory = temporaryDirectory(t)
  const isNamed = (file: string) => (error: unknown) =>
    error instanceof ViewError && error.code === 'unusable-files' && error.message.includes(join(directory, file))
  for (const text of ['mine', '']) {
    writeFileSync(join(directory, 'device-key.pem'), text)
    assert.throws(() => new OwnFiles(directory).deviceKey(), isNamed('device-key.pem'))
    assert.equal(readFileSync(join(directory, 'device-key.pem'), 'utf8'), text)
  }
  writeFileSync(join(directory, 'known-hosts'), 'half a line')
  assert.throws(() => new OwnFiles(directory).knownHosts(), isNamed('known-hosts'))
})

test('ownDirectory follows the XDG base directory specification', () => {
  assert.equal(ownDirectory({ XDG_CONFIG_HOME: '/config', HOME: '/home/ada' }), '/config/porchlight')
  assert.equal(ownDirectory({ XDG_CONFIG_HOME: 'relative', HOME: '/home/ada' }), '/home/ada/.config/porchlight')
})
