import { WireError } from '../wire-error.ts'
import { addressBytes } from '../address-bytes.ts'
import {
  bitString,
  boolean,
  explicit,
  implicit,
  nothing,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  unsignedInteger,
  utf8String,
} from './der.ts'

/** How a certificate is signed: ECDSA on P-256, or RSA with PKCS #1 padding, both with SHA-256. */
export type SignatureAlgorithm = 'ecdsa-sha256' | 'rsa-sha256'

/** What a self-signed certificate for a server says (RFC 5280, version 3). */
export interface CertificateFields {
  readonly algorithm: SignatureAlgorithm
  /** Big-endian; 1 to 20 bytes that are not all zero, the first below 0x80. */
  readonly serial: Uint8Array
  /** Issuer and subject, for people: 1 to 64 characters. */
  readonly commonName: string
  /** Milliseconds since the Unix epoch, cut to seconds; both ends belong to it. */
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** DNS names and IP addresses that it is for; none at all leaves the extension out. */
  readonly names: readonly string[]
  /** A SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array
}

const signatureOids = { 'ecdsa-sha256': '1.2.840.10045.4.3.2', 'rsa-sha256': '1.2.840.113549.1.1.11' } as const
const commonNameOid = '2.5.4.3'
const basicConstraintsOid = '2.5.29.19'
const keyUsageOid = '2.5.29.15'
const extendedKeyUsageOid = '2.5.29.37'
const subjectAlternativeNameOid = '2.5.29.17'
const serverAuthOid = '1.3.6.1.5.5.7.3.1'

const dnsName = /^(?=.{1,253}$)(\*\.)?[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?(\.[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?)*$/i

/** Whether a certificate can name it, in ASCII; a first label of `*` stands for any. */
export function isDnsName(name: string): boolean {
  return dnsName.test(name)
}

/**
 * The part that is signed (TBSCertificate). It names no authority: whoever trusts the certificate trusts this one key and
 * nothing that it might sign. Throws WireError `out-of-range`.
 */
export function encodeTbsCertificate(fields: CertificateFields): Uint8Array {
  const { algorithm, serial, commonName, notBeforeMs, notAfterMs, names, publicKey } = fields
  if (serial.length < 1 || serial.length > 20 || (serial[0] ?? 0) >= 0x80 || serial.every((byte) => byte === 0)) {
    throw outOfRange('its serial number has to be positive and of 20 bytes at most')
  }
  if (commonName.length < 1 || commonName.length > 64) throw outOfRange('a common name has 1 to 64 characters')
  const name = sequence(set(sequence(objectIdentifier(commonNameOid), utf8String(commonName))))
  const alternatives = names.length === 0 ? [] : [extension(subjectAlternativeNameOid, generalNames(names))]
  return sequence(
    explicit(0, unsignedInteger(Uint8Array.of(2))),
    unsignedInteger(serial),
    algorithmIdentifier(algorithm),
    name,
    sequence(time(notBeforeMs), time(notAfterMs)),
    name,
    publicKey,
    explicit(
      3,
      sequence(
        extension(basicConstraintsOid, sequence(), { critical: true }),
        extension(keyUsageOid, keyUsage(algorithm), { critical: true }),
        extension(extendedKeyUsageOid, sequence(objectIdentifier(serverAuthOid))),
        ...alternatives,
      ),
    ),
  )
}

/** The whole certificate: what was signed, how, and the signature. */
export function encodeCertificate(tbs: Uint8Array, algorithm: SignatureAlgorithm, signature: Uint8Array): Uint8Array {
  return sequence(tbs, algorithmIdentifier(algorithm), bitString(signature))
}

function algorithmIdentifier(algorithm: SignatureAlgorithm): Uint8Array {
  const oid = objectIdentifier(signatureOids[algorithm])
  // ECDSA takes no parameters (RFC 5758, section 3.2), RSA an empty one (RFC 4055, section 5).
  return algorithm === 'ecdsa-sha256' ? sequence(oid) : sequence(oid, nothing())
}

function extension(oid: string, value: Uint8Array, { critical = false } = {}): Uint8Array {
  return sequence(objectIdentifier(oid), ...(critical ? [boolean(true)] : []), octetString(value))
}

/** digitalSignature (bit 0), and for RSA keyEncipherment (bit 2), which older clients use. */
function keyUsage(algorithm: SignatureAlgorithm): Uint8Array {
  return algorithm === 'ecdsa-sha256' ? bitString(Uint8Array.of(0x80), 7) : bitString(Uint8Array.of(0xa0), 5)
}

function generalNames(names: readonly string[]): Uint8Array {
  return sequence(
    ...names.map((name) => {
      const address = addressBytes(name)
      if (address) return implicit(7, address)
      if (!isDnsName(name)) throw outOfRange('one of its names is neither a DNS name nor an IP address')
      return implicit(2, new TextEncoder().encode(name))
    }),
  )
}

function outOfRange(why: string): WireError {
  return new WireError('out-of-range', `Cannot write a certificate: ${why}`)
}
