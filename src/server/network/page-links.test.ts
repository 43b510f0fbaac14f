import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Interfaces } from './private-addresses.ts'
import { linkWithToken, pageLinks } from './page-links.ts'

const of = (address: string, internal = false) => ({
  address,
  internal,
  family: address.includes(':') ? ('IPv6' as const) : ('IPv4' as const),
  netmask: '',
  mac: '',
  cidr: null,
  scopeid: 0,
})
const tls = { kind: 'own' } as const
const interfaces: Interfaces = {
  lo: [of('127.0.0.1', true), of('::1', true)],
  eth0: [of('192.168.1.5'), of('fe80::5'), of('fd00::5')],
  docker0: [of('169.254.1.1')],
}

test('pageLinks of a loopback server name localhost alone', () => {
  for (const host of ['127.0.0.1', 'localhost', '::1', '127.0.0.2']) {
    assert.deepEqual(pageLinks({ host, publicAddresses: [], tls }, 8080, { interfaces }), ['http://localhost:8080/'])
  }
})

test('pageLinks of a server for all name the address on the network first', () => {
  assert.deepEqual(pageLinks({ host: '0.0.0.0', publicAddresses: [], tls }, 9000, { interfaces }), [
    'https://192.168.1.5:9000/',
    'http://localhost:9000/',
  ])
})

test('pageLinks use IPv6 where there is nothing else', () => {
  const links = pageLinks({ host: '::', publicAddresses: [], tls }, 80, {
    interfaces: { eth0: [of('fe80::5'), of('fd00::5')] },
  })
  assert.deepEqual(links, ['https://[fd00::5]:80/', 'http://localhost:80/'])
})

test('pageLinks name a public address before all others', () => {
  assert.deepEqual(
    pageLinks({ host: '10.0.0.1', publicAddresses: ['https://play.example.org'], tls }, 8080, { interfaces }),
    ['https://play.example.org/', 'https://10.0.0.1:8080/'],
  )
})

test('pageLinks are plain where TLS is turned off', () => {
  const config = { host: '0.0.0.0', publicAddresses: [], tls: { kind: 'off' } } as const
  assert.deepEqual(pageLinks(config, 9000, { interfaces }), ['http://192.168.1.5:9000/', 'http://localhost:9000/'])
})

test('pageLinks name what was opened while a loopback server runs', () => {
  const opened = ['192.168.1.5', 'fd00::5']
  assert.deepEqual(pageLinks({ host: '127.0.0.1', publicAddresses: [], tls }, 8080, { opened }), [
    'https://192.168.1.5:8080/',
    'http://localhost:8080/',
  ])
})

test('linkWithToken puts the token where no server sees it', () => {
  assert.equal(new URL(linkWithToken('http://localhost:8080/', 'abc')).hash, '#token=abc')
})
