import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { decodeUapiAnswer, decodeUapiStatus, encodeUapiSet } from './uapi.ts'
import { decodeWgDump } from './wg-dump.ts'
import { isWireGuard } from './wireguard-device.ts'
import { decodeHexKey, decodeKey, encodeHexKey, encodeKey } from './wireguard-key.ts'

const key = Uint8Array.from({ length: 32 }, (_, at) => at)
const hex = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'
const base64 = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='
const malformed = (error: unknown) => error instanceof WireError

test('a change is written as UAPI has it, in the order that it wants', () => {
  const text = encodeUapiSet({
    privateKey: key,
    listenPort: 0,
    replacesPeers: true,
    peers: [
      {
        publicKey: key,
        endpoint: { address: '127.0.0.1', port: 4000 },
        allowedIps: ['10.66.0.2/32'],
        keepaliveS: 25,
      },
      { publicKey: key, isRemoved: true, allowedIps: ['10.66.0.3/32'] },
    ],
  })
  assert.equal(
    text,
    [
      'set=1',
      `private_key=${hex}`,
      'listen_port=0',
      'replace_peers=true',
      `public_key=${hex}`,
      'endpoint=127.0.0.1:4000',
      'persistent_keepalive_interval=25',
      'replace_allowed_ips=true',
      'allowed_ip=10.66.0.2/32',
      `public_key=${hex}`,
      'remove=true',
      '',
      '',
    ].join('\n'),
  )
})

test('what no interface could be is not written: a name for an address, a key of another length, a line in a range', () => {
  const peer = { publicKey: key }
  for (const change of [
    { peers: [{ ...peer, endpoint: { address: 'peer.example.org', port: 4000 } }] },
    { peers: [{ ...peer, endpoint: { address: '127.0.0.1\nprivate_key=00', port: 4000 } }] },
    { peers: [{ ...peer, allowedIps: ['10.66.0.2/32\nallowed_ip=0.0.0.0/0'] }] },
    { peers: [{ ...peer, keepaliveS: 70_000 }] },
    { peers: [{ publicKey: key.subarray(1) }] },
    { privateKey: new Uint8Array(31) },
    { listenPort: 1.5 },
  ]) {
    assert.throws(() => encodeUapiSet(change), malformed)
  }
})

test('an interface is read with its peers, and what a later version adds is passed over', () => {
  const { errno, lines } = decodeUapiAnswer(
    [
      `private_key=${hex}`,
      'listen_port=51820',
      'fwmark=0',
      `public_key=${hex}`,
      `preshared_key=${'0'.repeat(64)}`,
      'protocol_version=1',
      'endpoint=[2001:db8::1]:4710',
      'last_handshake_time_sec=1700000000',
      'last_handshake_time_nsec=500000000',
      'tx_bytes=300',
      'rx_bytes=200',
      'persistent_keepalive_interval=25',
      'allowed_ip=10.66.0.2/32',
      'allowed_ip=fd00::2/128',
      `public_key=${hex.replace('00', 'ff')}`,
      'something_new=1',
      'errno=0',
      '',
      '',
    ].join('\n'),
  )
  assert.equal(errno, 0)
  const status = decodeUapiStatus(lines)
  assert.deepEqual([status.hasKey, status.listenPort, status.peers.length], [true, 51_820, 2])
  assert.deepEqual(status.peers[0], {
    publicKey: key,
    endpoint: { address: '2001:db8::1', port: 4710 },
    allowedIps: ['10.66.0.2/32', 'fd00::2/128'],
    handshakeMs: 1_700_000_000_500,
    receivedBytes: 200,
    sentBytes: 300,
    keepaliveS: 25,
  })
  assert.equal(status.peers[1]?.handshakeMs, undefined)
})

test('an answer that is cut off, has two ends or none, or tells nonsense is refused', () => {
  for (const text of [
    '',
    'errno=0',
    'errno=0\n',
    'errno=0\nerrno=0\n\n',
    'listen_port=1\n\n',
    'errno=x\n\n',
    '=1\nerrno=0\n\n',
  ]) {
    assert.throws(() => decodeUapiAnswer(text), malformed, JSON.stringify(text))
  }
  const peer = { key: 'public_key', value: hex }
  for (const [field, value] of [
    ['endpoint', 'localhost:1'],
    ['rx_bytes', '-1'],
    ['rx_bytes', '9'.repeat(17)],
    ['last_handshake_time_nsec', '1000000000'],
    ['allowed_ip', '10.66.0.0/33'],
    ['public_key', hex.slice(1)],
  ] as const) {
    assert.throws(() => decodeUapiStatus([peer, { key: field, value }]), malformed, field)
  }
  assert.equal(decodeUapiAnswer('errno=-22\n\n').errno, -22)
})

test('random text never does more than be refused', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom('errno=0', 'public_key=', 'endpoint=1', 'rx_bytes=1', '\t\t\t', '\n'),
  )
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = `${lines.join('\n')}\n\n`
      for (const read of [() => decodeUapiStatus(decodeUapiAnswer(text).lines), () => decodeWgDump(text)]) {
        try {
          read()
        } catch (error) {
          assert.ok(error instanceof WireError)
        }
      }
    }),
  )
})

test('what wg prints is read like what UAPI says', () => {
  const dump = [
    `${base64}\t${base64}\t51820\toff`,
    `${base64}\t(none)\t127.0.0.1:4000\t10.66.0.2/32,10.66.0.3/32\t1700000000\t200\t300\t25`,
    `${base64}\t(none)\t(none)\t(none)\t0\t0\t0\toff`,
    '',
  ].join('\n')
  const { hasKey, listenPort, peers } = decodeWgDump(dump)
  assert.deepEqual([hasKey, listenPort], [true, 51_820])
  assert.deepEqual(peers[0], {
    publicKey: key,
    endpoint: { address: '127.0.0.1', port: 4000 },
    allowedIps: ['10.66.0.2/32', '10.66.0.3/32'],
    handshakeMs: 1_700_000_000_000,
    receivedBytes: 200,
    sentBytes: 300,
    keepaliveS: 25,
  })
  assert.deepEqual([peers[1]?.endpoint, peers[1]?.allowedIps, peers[1]?.handshakeMs], [undefined, [], undefined])
  for (const text of ['', 'a\tb\tc', `${dump}x`]) assert.throws(() => decodeWgDump(text), malformed)
})

test('keys are the same in both ways to write them, and have one right way each', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      assert.deepEqual(decodeKey(encodeKey(bytes)), bytes)
      assert.deepEqual(decodeHexKey(encodeHexKey(bytes)), bytes)
    }),
  )
  assert.equal(encodeKey(key), base64)
  for (const text of ['', base64.slice(1), base64.replace('8=', '9='), `${base64}\n`, hex]) {
    assert.throws(() => decodeKey(text), malformed)
  }
})

test('datagrams of WireGuard are told from others by their head', () => {
  const head = (...bytes: number[]) => Uint8Array.from([...bytes, ...new Uint8Array(60)])
  assert.ok([1, 2, 3, 4].every((type) => isWireGuard(head(type, 0, 0, 0))))
  assert.ok(![head(0, 0, 0, 0), head(5, 0, 0, 0), head(1, 0, 1, 0), Uint8Array.of(4, 0, 0, 0)].some(isWireGuard))
})
