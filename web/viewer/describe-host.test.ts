import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeHost } from './describe-host.ts'

test('describeHost says that the app runs on only when the host has answered, and shows it', () => {
  const all = [false, true].flatMap((isClosing) =>
    [false, true].flatMap((isThere) => [false, true].map((isInLobby) => ({ isClosing, isThere, isInLobby }))),
  )
  for (const known of all) {
    const { isClosing, isThere, isInLobby } = known
    assert.equal(describeHost(known).includes('runs on'), !isClosing && isThere && isInLobby, JSON.stringify(known))
  }
})
