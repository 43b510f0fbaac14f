import { createHash, X509Certificate } from 'node:crypto'
import { MoonlightError } from '../contract/moonlight-error.ts'

/** What a client calls itself by: its own certificate, which it made itself. */
export interface ClientCertificate {
  readonly x509: X509Certificate
  /** SHA-256 of the DER, lower-case hexadecimal. */
  readonly fingerprint: string
}

/** Of the bytes of a certificate in PEM, as hexadecimal: clients' own have some 2,000 digits. */
const mostDigits = 16_384

/** Throws MoonlightError `malformed` for what is no certificate with an RSA key of 2,048 to 4,096 bits. */
export function readClientCertificate(pemDigits: string): ClientCertificate {
  if (pemDigits.length > mostDigits || !/^([0-9a-f]{2})+$/i.test(pemDigits)) throw malformed()
  let x509: X509Certificate
  try {
    x509 = new X509Certificate(Buffer.from(pemDigits, 'hex'))
  } catch {
    throw malformed()
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = x509.publicKey
  const bits = details?.modulusLength ?? 0
  if (type !== 'rsa' || bits < 2048 || bits > 4096) throw malformed()
  return { x509, fingerprint: fingerprintOf(x509.raw) }
}

export function fingerprintOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex')
}

/** The signature at the end of a certificate: of one that signed itself by RSA it is as long as its key. */
export function signatureOf({ raw, publicKey }: X509Certificate): Uint8Array {
  const bytes = (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  return raw.subarray(raw.length - bytes)
}

function malformed(): MoonlightError {
  return new MoonlightError(
    'malformed',
    'Cannot pair: the client certificate is none with an RSA key of 2,048 bits or more',
  )
}
