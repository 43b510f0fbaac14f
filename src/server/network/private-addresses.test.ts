import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interfacesOf } from '../../../test/support/scripted-network.ts'
import { isPrivate, mediaAddress, privateAddresses } from './private-addresses.ts'

test('isPrivate takes what the Internet does not lead to', () => {
  const own = [
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.254',
    '192.168.1.5',
    '100.64.0.1',
    '192.0.2.2',
    'fd00::5',
    'FC00::1',
  ]
  for (const address of own) assert.ok(isPrivate(address), address)
  const others = ['172.32.0.1', '192.169.0.1', '100.128.0.1', '8.8.8.8', '2001:4860::8888', '169.254.1.1', 'fe80::1']
  for (const address of others) assert.ok(!isPrivate(address), address)
})

test('privateAddresses are neither loopback nor good for one link alone', () => {
  const interfaces = interfacesOf({
    lo: ['127.0.0.1', '::1'],
    eth0: ['192.168.1.5', 'fe80::5', 'febf::5', 'fd00::5'],
    ppp0: ['203.0.114.9', '169.254.7.7'],
  })
  assert.deepEqual(privateAddresses(interfaces), [
    { address: '192.168.1.5', interface: 'eth0' },
    { address: 'fd00::5', interface: 'eth0' },
  ])
})

test('mediaAddress is every interface, unless one of them is on the Internet', () => {
  assert.equal(mediaAddress(interfacesOf({ lo: ['127.0.0.1'], eth0: ['192.168.1.5'], wlan0: ['10.0.0.2'] })), undefined)
  assert.equal(mediaAddress(interfacesOf({ eth0: ['8.8.4.4'], eth1: ['fd00::5', '10.0.0.2'] })), '10.0.0.2')
  assert.equal(mediaAddress(interfacesOf({ eth0: ['8.8.4.4'], eth1: ['fd00::5'] })), 'fd00::5')
})
