import assert from 'node:assert/strict'
import { test } from 'node:test'
import { turnCredentials } from './turn-credentials.ts'

test('turnCredentials are good until the second in their name, by HMAC-SHA1 of that name', () => {
  // openssl dgst -sha1 -hmac north -binary <<< "1433895918:ada", without the newline, in base64.
  assert.deepEqual(turnCredentials({ secret: 'north', user: 'ada', expiresMs: 1_433_895_917_001 }), {
    username: '1433895918:ada',
    credential: 'KJ5PTMBeGkZIwdEVUss3BPdY8wE=',
  })
})
