import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../../test/support/fast-check.ts'
import { BrowserGatewayError } from '../contract/gateway-error.ts'
import { readCandidate } from './remote-candidate.ts'

test('readCandidate keeps what ICE needs of a UDP candidate with an address', () => {
  assert.deepEqual(readCandidate('candidate:131 1 udp 2113937151 192.0.2.7 37535 typ host generation 0 ufrag A6mW'), {
    kind: 'usable',
    line: 'candidate:131 1 UDP 2113937151 192.0.2.7 37535 typ host',
  })
  const reflexive = readCandidate('a=candidate:7 1 UDP 99 2001:db8::1 5000 typ srflx raddr 0.0.0.0 rport 9')
  assert.deepEqual(reflexive, { kind: 'usable', line: 'candidate:7 1 UDP 99 2001:db8::1 5000 typ srflx' })
})

test('readCandidate ignores what the host would be made to send checks to though no browser is there', () => {
  const nowhere = [
    '0.0.0.0',
    '127.0.0.1',
    '224.0.0.251',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    'ff02::fb',
  ]
  for (const target of [...nowhere.map((address) => `${address} 5353`), '192.0.2.7 53', '2001:db8::1 123']) {
    const read = readCandidate(`candidate:1 1 udp 1 ${target} typ host`)
    assert.deepEqual(read, { kind: 'ignored', why: 'target' }, target)
  }
  for (const target of ['10.1.2.3 1024', '192.168.0.9 50000', '169.254.3.4 2000', 'fe80::1 40000', 'fd00::5 40000']) {
    assert.equal(readCandidate(`candidate:1 1 udp 1 ${target} typ host`).kind, 'usable', target)
  }
})

test('readCandidate ignores names, TCP and the end, and looks nothing up', () => {
  const why = (text: string) => {
    const read = readCandidate(text)
    return read.kind === 'ignored' ? read.why : read.line
  }
  assert.equal(why(''), 'end-of-candidates')
  assert.equal(why('candidate:1 1 udp 1 9e414ee0-4033-4ac3.local 37535 typ host'), 'name')
  assert.equal(why('candidate:1 1 udp 1 internal.example 80 typ host'), 'name')
  assert.equal(why('candidate:1 1 tcp 1 192.0.2.7 9 typ host tcptype active'), 'transport')
  assert.equal(why('candidate:1 2 udp 1 192.0.2.7 9 typ host'), 'transport')
})

test('readCandidate refuses what is no candidate', () => {
  const nonsense = ['hello', 'candidate:1 1 udp', 'candidate:1 1 udp 1 192.0.2.7 99999 typ host', '\r\nm=video 9']
  for (const text of nonsense) {
    assert.throws(
      () => readCandidate(text),
      (error) => error instanceof BrowserGatewayError && error.code === 'sdp-malformed',
      text,
    )
  }
})

test('readCandidate answers any text with a verdict or a typed error, and lets no line end through', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (foundation, tail) => {
      try {
        const read = readCandidate(`candidate:${foundation} 1 udp 1 192.0.2.7 9000 typ host${tail}`)
        if (read.kind === 'usable') assert.doesNotMatch(read.line, /[\r\n]/)
      } catch (error) {
        assert.ok(error instanceof BrowserGatewayError)
      }
    }),
  )
})
