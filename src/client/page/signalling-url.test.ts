import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signallingUrl } from './signalling-url.ts'

test('signallingUrl is at the same host, in the same folder, as secure as the page', () => {
  assert.equal(signallingUrl('http://localhost:8080'), 'ws://localhost:8080/api/v1/signal')
  assert.equal(signallingUrl('https://porch.example/x#y'), 'wss://porch.example/api/v1/signal')
  assert.equal(signallingUrl('https://porch.example/x/#y'), 'wss://porch.example/x/api/v1/signal')
})
