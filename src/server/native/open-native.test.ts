import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeCrypto } from '../../net/native/node-crypto.ts'
import type { NativePort } from '../../viewer/link/messages.ts'
import { gatewayOf, parseNativeLink } from '../../wire/native/native-link.ts'
import { nativeLinks, wantsNative } from './open-native.ts'

const port = {
  port: 47_900,
  bindAddress: undefined,
  secret: Buffer.from(nodeCrypto.random(32)).toString('hex'),
  takesStrangers: true,
  policy: 'prefer-direct' as const,
  probesByBirthday: false,
  stunServers: [],
} satisfies NativePort
const config = {
  host: '127.0.0.1',
  nativePort: 47_900,
  publicAddresses: [],
  tls: { kind: 'own' },
  gateway: undefined,
} as const
const gateway = 'https://plane.example.org'

test('a gateway stands in the first link, and the own web port in the others', () => {
  const [first, ...others] = nativeLinks({ ...config, gateway }, port, 8080).map(parseNativeLink)
  assert.ok(first)
  assert.equal(gatewayOf(first)?.origin, gateway)
  assert.ok(others.length > 0 && others.every((link) => gatewayOf(link) === undefined))
  assert.deepEqual(
    nativeLinks(config, port, 8080).map((link) => gatewayOf(parseNativeLink(link))),
    [undefined],
  )
  const behind = { ...config, gateway, publicAddresses: ['https://play.example.org'] }
  assert.equal(parseNativeLink(nativeLinks(behind, port, 8080)[0] ?? '').host, 'play.example.org')
})

test('a gateway alone has the native transport served', () => {
  assert.equal(wantsNative({ native: 'auto', host: '127.0.0.1', gateway: undefined }), false)
  assert.equal(wantsNative({ native: 'auto', host: '127.0.0.1', gateway }), true)
  assert.equal(wantsNative({ native: 'off', host: '0.0.0.0', gateway }), false)
})
