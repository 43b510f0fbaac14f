import { generateKeyPairSync, sign, type KeyPairKeyObjectResult } from 'node:crypto'
import { encodeCertificate, encodeTbsCertificate, type CertificateFields } from '../../wire/x509/certificate.ts'

/** A certificate and the key that it is for, both as PEM; the key in PKCS #8. */
export interface SelfSigned {
  readonly certificate: string
  readonly key: string
}

export interface SelfSignedOptions extends Pick<
  CertificateFields,
  'commonName' | 'names' | 'notBeforeMs' | 'notAfterMs'
> {
  /** `ec` is ECDSA on P-256, made in less than a millisecond; `rsa` has 2048 bits and takes some hundred. */
  readonly keyType: 'ec' | 'rsa'
  /** A number that no other certificate of this host has, 16 random bytes for instance. */
  readonly serial: Uint8Array
}

/** Makes a key and a certificate for it that is signed by itself. Throws WireError `out-of-range`. */
export function makeSelfSigned({ keyType, serial, ...fields }: SelfSignedOptions): SelfSigned {
  const { publicKey, privateKey } = newKeyPair(keyType)
  const algorithm = keyType === 'ec' ? 'ecdsa-sha256' : 'rsa-sha256'
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const tbs = encodeTbsCertificate({ ...fields, serial: positive(serial), algorithm, publicKey: spki })
  const certificate = encodeCertificate(tbs, algorithm, sign('sha256', tbs, privateKey))
  const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  return { certificate: pem('CERTIFICATE', certificate), key }
}

function newKeyPair(keyType: SelfSignedOptions['keyType']): KeyPairKeyObjectResult {
  return keyType === 'ec'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 })
}

/** Random bytes as a serial number: the sign bit is cleared, and the number is never zero. */
function positive(serial: Uint8Array): Uint8Array {
  const [first = 0, ...rest] = serial
  return Uint8Array.of((first & 0x7f) | 0x40, ...rest)
}

/** RFC 7468: base64 in lines of 64 characters. */
function pem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .replaceAll(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}
