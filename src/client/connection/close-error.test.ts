import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signalCloseCode } from '../../wire/signal/messages.ts'
import { isFinal } from '../contract/client-error.ts'
import { closeError } from './close-error.ts'

const cases = [
  [1006, undefined, 'signalling-lost', false],
  [1001, undefined, 'signalling-lost', false],
  [signalCloseCode.flood, undefined, 'signalling-lost', false],
  [signalCloseCode.revoked, undefined, 'revoked', true],
  [signalCloseCode.revoked, 'not-redeemed', 'not-redeemed', true],
  [signalCloseCode.sessionEnded, undefined, 'session-ended', true],
  [signalCloseCode.sessionEnded, 'gateway-closed', 'signalling-lost', false],
  [signalCloseCode.sessionEnded, 'surrendered', 'session-moved', true],
  [signalCloseCode.incompatible, 'incompatible-version', 'incompatible-version', true],
  [signalCloseCode.protocolViolation, undefined, 'protocol-violation', true],
] as const

for (const [code, refusal, expected, final] of cases) {
  test(`closeError of ${code}${refusal ? ` after "${refusal}"` : ''} is ${expected}`, () => {
    const error = closeError(code, 'why', refusal)
    assert.equal(error.code, expected)
    assert.equal(isFinal(error), final)
  })
}
