import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { certificateNames, missingNames, namesOf, uniqueNames } from './certificate-names.ts'

const machine = (addresses: readonly string[], hostname = 'Box') => ({
  hostname: () => hostname,
  addresses: () => ['127.0.0.1', '::1', ...addresses],
})
const open = { bindHost: '0.0.0.0', allowedOrigins: [] }

test('certificateNames has loopback, the name of the machine and its addresses, without those of one link', () => {
  const { all, essential } = certificateNames({
    ...open,
    machine: machine(['192.168.1.5', 'fd00::5', 'fe80::5', '169.254.1.1']),
  })
  assert.deepEqual(all, ['localhost', '127.0.0.1', '::1', 'box', 'box.local', '192.168.1.5', 'fd00::5'])
  assert.deepEqual(essential, all.slice(0, -1))
})

test('certificateNames needs IPv6 addresses only where there are no others', () => {
  const { all, essential } = certificateNames({ ...open, machine: machine(['fd00::5']) })
  assert.deepEqual(essential, all)
  assert.ok(all.includes('fd00::5'))
})

test('certificateNames has what the server is bound to and what it is known as', () => {
  const { essential } = certificateNames({
    bindHost: '10.0.0.1',
    allowedOrigins: ['https://play.example.org', 'https://[fd00::7]:8443'],
    machine: machine([]),
  })
  for (const name of ['10.0.0.1', 'play.example.org', 'fd00::7']) assert.ok(essential.includes(name), name)
})

test('certificateNames leaves out what a certificate cannot name', () => {
  const { all } = certificateNames({ ...open, machine: machine([], 'my box') })
  assert.deepEqual(all, ['localhost', '127.0.0.1', '::1'])
})

test('certificateNames is never longer than a certificate should be, and what is essential is in it', () => {
  const addresses = fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 200 })
  fc.assert(
    fc.property(addresses, (many) => {
      const { all, essential } = certificateNames({ ...open, machine: machine(many) })
      assert.ok(all.length <= 64)
      assert.deepEqual(missingNames(essential, all), [])
    }),
  )
})

test('names are read from a certificate and known however they are spelled', () => {
  const names = namesOf('DNS:localhost, IP Address:127.0.0.1, IP Address:FD00:0:0:0:0:0:0:5')
  assert.deepEqual(names, ['localhost', '127.0.0.1', 'FD00:0:0:0:0:0:0:5'])
  assert.deepEqual(missingNames(['LocalHost', 'fd00::5', 'fd00::6'], names), ['fd00::6'])
  assert.deepEqual(uniqueNames(['fd00::5', ...names]), ['fd00::5', 'localhost', '127.0.0.1'])
  assert.deepEqual(namesOf(undefined), [])
})
