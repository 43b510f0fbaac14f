import assert from 'node:assert/strict'
import { test } from 'node:test'
import { announcedAddresses } from './announced-addresses.ts'

const entry = (address: string, internal = false) => ({
  address,
  internal,
  netmask: '',
  mac: '',
  cidr: null,
  ...(address.includes(':') ? { family: 'IPv6' as const, scopeid: 0 } : { family: 'IPv4' as const }),
})
const interfaces = {
  lo: [entry('127.0.0.1', true)],
  lan: [entry('192.168.1.5'), entry('fd00::5')],
  uplink: [entry('93.184.216.34')],
  link: [entry('169.254.3.4')],
}

test('announcedAddresses tells of private addresses that the server listens at, and of no other', () => {
  assert.deepEqual(announcedAddresses('0.0.0.0', interfaces), ['192.168.1.5'])
  assert.deepEqual(announcedAddresses('::', interfaces), ['192.168.1.5'])
  assert.deepEqual(announcedAddresses('192.168.1.5', interfaces), ['192.168.1.5'])
  for (const none of ['127.0.0.1', '93.184.216.34', 'fd00::5'])
    assert.deepEqual(announcedAddresses(none, interfaces), [])
})
