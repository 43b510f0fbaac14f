import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mediaUrl } from './media-url.ts'

test('mediaUrl is beside signalling and repeats no secret of its URL', () => {
  assert.equal(mediaUrl('wss://host:1/api/v1/signal'), 'wss://host:1/api/v1/media')
  assert.equal(mediaUrl('ws://host/door/api/v1/signal?invite=secret#x'), 'ws://host/door/api/v1/media')
})
