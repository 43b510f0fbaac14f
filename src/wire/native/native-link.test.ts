import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { formatNativeLink, gatewayOf, parseNativeLink } from './native-link.ts'

const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
const invitation = fc.option(fc.stringMatching(/^[\w-]{43}$/), { nil: undefined })

test('a link is read as it was written', () => {
  const host = fc.constantFrom('192.0.2.1', 'box.example', 'my-host', 'fd00::2', '::ffff:192.0.2.1')
  fc.assert(
    fc.property(host, fc.integer({ min: 1, max: 65_535 }), key, invitation, (at, port, ofHost, secret) => {
      const link = { host: at, port, key: ofHost, invitation: secret }
      assert.deepEqual(parseNativeLink(formatNativeLink(link)), link)
    }),
  )
})

test('what is no link is refused without a word of what it says', () => {
  const good = formatNativeLink({ host: 'box', port: 47_900, key: new Uint8Array(32), invitation: 'S'.repeat(43) })
  assert.ok(parseNativeLink(` ${good}\n`))
  const bad = [
    '',
    'https://box:1/x',
    good.replace(':47900', ''),
    good.replace('47900', '0'),
    good.replace('47900', '70000'),
    good.replace('porchlight', 'ftp'),
    good.slice(0, -1),
    good.replace('//box', '//'),
    good.replace('AAAA', 'AA'),
    good + 'x'.repeat(600),
  ]
  for (const text of bad) {
    assert.throws(
      () => parseNativeLink(text),
      (error) => error instanceof WireError && !error.message.includes('SSS'),
      text,
    )
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.throws(() => parseNativeLink(text), WireError)
    }),
  )
})

test('a link tells where the web port is, when that is known', () => {
  const link = { host: 'box', port: 47_900, key: new Uint8Array(32).fill(3), invitation: 'S'.repeat(43) }
  for (const web of ['https://192.0.2.1:8080', 'http://[2001:db8::1]:8080', 'https://play.example.org/porch/light']) {
    const text = formatNativeLink({ ...link, web })
    assert.ok(text.includes(`?web=${web}#`))
    assert.deepEqual(parseNativeLink(text), { ...link, web })
  }
  for (const web of ['ftp://box', 'https://', 'https://a b', 'https://box/?x', 'javascript:1'])
    assert.throws(() => parseNativeLink(formatNativeLink({ ...link, web })), WireError, web)
})

test('gatewayOf tells a link by a gateway from one by the host’s own web port', () => {
  const bytes = new Uint8Array(32).fill(3)
  const place = `https://plane.example/porch/hosts/${Buffer.from(bytes).toString('base64url')}`
  const link = { host: '10.0.0.2', port: 47_900, key: bytes, invitation: 'S'.repeat(43), web: place }
  assert.deepEqual(parseNativeLink(formatNativeLink(link)), link)
  assert.equal(gatewayOf(link)?.href, place)
  for (const web of [undefined, 'https://plane.example', place.replace('/hosts', '/hostx'), `${place}/x`]) {
    assert.equal(gatewayOf({ ...link, web }), undefined)
  }
  assert.equal(gatewayOf({ ...link, key: new Uint8Array(32) }), undefined)
})
