import assert from 'node:assert/strict'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { keyPairFrom } from '../../net/native/node-crypto.ts'
import { ServerError } from '../contract/server-error.ts'
import { openHostKey } from './open-host-key.ts'

test('a host has one key, which nobody else can read', (t) => {
  const [one, other] = [temporaryDirectory(t), temporaryDirectory(t)]
  const made = openHostKey(one)
  assert.equal(statSync(join(one, 'native-key.pem')).mode & 0o777, 0o600)
  assert.deepEqual(openHostKey(one).publicKey, made.publicKey)
  assert.notDeepEqual(openHostKey(other).publicKey, made.publicKey)
  const agreed = keyPairFrom(made.secret).agree(openHostKey(other).publicKey)
  assert.deepEqual(agreed, keyPairFrom(openHostKey(other).secret).agree(made.publicKey))
})

test('a file that is no key is left alone, and named', (t) => {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'native-key.pem'), 'mine')
  assert.throws(
    () => openHostKey(directory),
    (error) => error instanceof ServerError && error.code === 'invalid-config' && error.message.includes(directory),
  )
})
