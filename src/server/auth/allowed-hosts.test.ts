import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AllowedHosts } from './allowed-hosts.ts'

const machine = { hostname: () => 'Box', addresses: () => ['127.0.0.1', '192.168.1.5', 'fe80::1'] }

function hosts(bindHost: string, ...allowedOrigins: string[]) {
  return new AllowedHosts({ bindHost, allowedOrigins, machine })
}

test('allowsHost takes loopback names with any port', () => {
  const allowed = hosts('127.0.0.1')
  for (const host of [
    'localhost',
    'LOCALHOST:9000',
    '127.0.0.1:8080',
    '[::1]:8080',
    '[0:0:0:0:0:0:0:1]',
    'localhost.',
  ]) {
    assert.ok(allowed.allowsHost(host), host)
  }
})

test('allowsHost refuses names that somebody else may point here', () => {
  const allowed = hosts('127.0.0.1')
  const refused = [undefined, '', 'evil.example', 'evil.example:8080', 'localhost.evil.example', '192.168.1.5', 'box']
  for (const host of [...refused, 'localhost:80:80', 'user@localhost', 'localhost/x', 'localhost evil']) {
    assert.ok(!allowed.allowsHost(host), host)
  }
})

test('allowsHost takes the names and addresses of the machine when it is bound to all of them', () => {
  for (const bound of ['0.0.0.0', '::']) {
    for (const host of ['192.168.1.5:8080', 'box', 'box.local:8080', '[fe80::1]']) {
      assert.ok(hosts(bound).allowsHost(host), host)
    }
    assert.ok(!hosts(bound).allowsHost('evil.example'))
    assert.ok(!hosts(bound).allowsHost('192.168.1.6'))
    assert.ok(!hosts(bound).allowsHost('0.0.0.0'))
  }
})

test('allowsHost takes the names and addresses of the machine while the network is let in', () => {
  let isOpen = false
  const allowed = new AllowedHosts({ bindHost: '127.0.0.1', allowedOrigins: [], isOpen: () => isOpen, machine })
  for (isOpen of [true, false]) {
    for (const host of ['192.168.1.5:8080', 'box.local:8080']) assert.equal(allowed.allowsHost(host), isOpen, host)
    assert.ok(!allowed.allowsHost('evil.example'))
  }
})

test('allowsHost takes the bound address and the configured names', () => {
  const allowed = hosts('192.168.1.5', 'https://play.example.org')
  assert.ok(allowed.allowsHost('192.168.1.5:8080'))
  assert.ok(allowed.allowsHost('play.example.org'))
  assert.ok(!allowed.allowsHost('example.org'))
  assert.ok(hosts('fd00::5').allowsHost('[fd00:0::5]:8080'))
})

test('allowsOrigin takes the page of the same host and port, with TLS in front or not', () => {
  const allowed = hosts('127.0.0.1')
  assert.ok(allowed.allowsOrigin('http://localhost:8080', 'localhost:8080', { secure: false }))
  assert.ok(allowed.allowsOrigin('https://localhost', 'localhost:443', { secure: false }))
  assert.ok(allowed.allowsOrigin('http://localhost', 'localhost', { secure: false }))
})

test('allowsOrigin refuses every other page', () => {
  const allowed = hosts('127.0.0.1')
  const origins = ['http://evil.example', 'http://localhost:9000', 'http://127.0.0.1:8080', 'null', '', 'file://']
  for (const origin of origins) assert.ok(!allowed.allowsOrigin(origin, 'localhost:8080', { secure: false }), origin)
  assert.ok(!allowed.allowsOrigin('http://localhost', undefined, { secure: false }))
})

test('allowsOrigin takes a configured page whatever the host', () => {
  const allowed = hosts('127.0.0.1', 'https://play.example.org')
  assert.ok(allowed.allowsOrigin('https://play.example.org', '10.0.0.1:8080', { secure: false }))
  assert.ok(!allowed.allowsOrigin('http://play.example.org', '10.0.0.1:8080', { secure: false }))
})

test('allowsOrigin takes no plain page for its own when the request came by HTTPS, unless it is configured', () => {
  const allowed = hosts('0.0.0.0', 'http://play.example.org')
  const secure = { secure: true }
  assert.ok(allowed.allowsOrigin('https://192.168.1.5:8080', '192.168.1.5:8080', secure))
  assert.ok(allowed.allowsOrigin('https://box.local', 'box.local:443', secure))
  assert.ok(allowed.allowsOrigin('http://play.example.org', '192.168.1.5:8080', secure))
  const refused = ['http://192.168.1.5:8080', 'https://192.168.1.5', 'https://192.168.1.5:8081', 'https://evil.example']
  for (const origin of refused) assert.ok(!allowed.allowsOrigin(origin, '192.168.1.5:8080', secure), origin)
})
