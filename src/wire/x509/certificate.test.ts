import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { encodeCertificate, encodeTbsCertificate, type CertificateFields } from './certificate.ts'

/** The public key of the example of RFC 6979, section A.2.5. */
const publicKey = Buffer.from(
  `3059301306072a8648ce3d020106082a8648ce3d03010703420004
60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6
7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299`.replaceAll('\n', ''),
  'hex',
)
const fields: CertificateFields = {
  algorithm: 'ecdsa-sha256',
  serial: Uint8Array.of(0x40, 1),
  commonName: 'Porchlight on box',
  notBeforeMs: Date.UTC(2026, 0, 1),
  notAfterMs: Date.UTC(2027, 0, 1, 12, 30),
  names: ['localhost', 'box.local', '127.0.0.1', '::1'],
  publicKey,
}
/** No signature of anything: nobody checks it here. */
const signature = Uint8Array.of(0x30, 0)

function certificateOf(change: Partial<CertificateFields>): X509Certificate {
  const all = { ...fields, ...change }
  return new X509Certificate(encodeCertificate(encodeTbsCertificate(all), all.algorithm, signature))
}

test('encodeTbsCertificate writes these bytes', () => {
  const tbs = Buffer.from(encodeTbsCertificate(fields)).toString('hex')
  assert.deepEqual(tbs.match(/.{1,64}/g), [
    '3082013ca00302010202024001300a06082a8648ce3d040302301c311a301806',
    '035504030c11506f7263686c69676874206f6e20626f78301e170d3236303130',
    '313030303030305a170d3237303130313132333030305a301c311a3018060355',
    '04030c11506f7263686c69676874206f6e20626f783059301306072a8648ce3d',
    '020106082a8648ce3d0301070342000460fed4ba255a9d31c961eb74c6356d68',
    'c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64',
    'f2f1b20c2d7e9f5177a3c294d4462299a36e306c300c0603551d130101ff0402',
    '3000300e0603551d0f0101ff04040302078030130603551d25040c300a06082b',
    '0601050507030130370603551d110430302e82096c6f63616c686f7374820962',
    '6f782e6c6f63616c87047f000001871000000000000000000000000000000001',
  ])
})

test('a certificate says what it was given', () => {
  const { subject, issuer, validFromDate, validToDate, serialNumber, subjectAltName, ca } = certificateOf({})
  assert.deepEqual([subject, issuer, serialNumber, ca], ['CN=Porchlight on box', 'CN=Porchlight on box', '4001', false])
  assert.deepEqual([validFromDate.getTime(), validToDate.getTime()], [fields.notBeforeMs, fields.notAfterMs])
  const names = 'DNS:localhost, DNS:box.local, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1'
  assert.equal(subjectAltName, names)
})

test('a certificate of RSA names its algorithm with an empty parameter, and one without names has no extension for them', () => {
  const certificate = certificateOf({ algorithm: 'rsa-sha256', names: [] })
  assert.equal(certificate.subjectAltName, undefined)
  const sha256WithRsa = '300d06092a864886f70d01010b0500'
  assert.equal(certificate.raw.toString('hex').split(sha256WithRsa).length, 3)
})

test('a certificate carries every common name and every list of addresses', () => {
  const commonName = fc.string({
    minLength: 1,
    maxLength: 64,
    unit: fc.constantFrom('a', 'Z', '1', ' ', '-', 'ä', '☂'),
  })
  const addresses = fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { minLength: 1, maxLength: 64 })
  fc.assert(
    fc.property(commonName, addresses, (name, names) => {
      const certificate = certificateOf({ commonName: name, names })
      for (const address of names) assert.ok(certificate.checkIP(address), address)
    }),
  )
})

test('encodeTbsCertificate refuses what a certificate cannot carry', () => {
  const wrong: Partial<CertificateFields>[] = [
    { serial: Uint8Array.of() },
    { serial: Uint8Array.of(0, 0) },
    { serial: Uint8Array.of(0x80) },
    { serial: new Uint8Array(21).fill(1) },
    { commonName: '' },
    { commonName: 'x'.repeat(65) },
    { notAfterMs: Number.NaN },
    { names: [''] },
    { names: ['two words'] },
    { names: ['fe80::1%eth0'] },
    { names: ['bücher.example'] },
    { names: [`${'x'.repeat(64)}.example`] },
  ]
  for (const change of wrong) {
    assert.throws(
      () => encodeTbsCertificate({ ...fields, ...change }),
      (error) => error instanceof WireError && error.code === 'out-of-range',
      JSON.stringify(change),
    )
  }
})
