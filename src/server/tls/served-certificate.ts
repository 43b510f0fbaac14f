import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { messageOf } from '../../kernel/coded-error.ts'
import type { TlsCredentials } from '../http/tls-termination.ts'
import { ServerError } from '../contract/server-error.ts'
import { namesOf } from './certificate-names.ts'

/** A certificate that can be served, and what there is to tell of it. */
export interface ServedCertificate extends TlsCredentials {
  /** Of the certificate itself, SHA-256, as browsers show it: `AB:CD:...`. */
  readonly fingerprint: string
  readonly names: readonly string[]
  /** Milliseconds since the Unix epoch. */
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** Where certificate and key come from. */
export interface CertificatePlaces {
  readonly certificateFile: string
  readonly keyFile: string
}

/** Says what cannot be used and why, and never repeats what was read. */
export function unusable(what: 'certificate' | 'key', file: string, why: string, cause?: unknown): ServerError {
  return new ServerError('certificate-unusable', `Cannot use the ${what} in ${file}: ${why}`, { cause })
}

/** Checks that a certificate and a key, both PEM, belong together and can be served now. Throws `certificate-unusable`. */
export function checkCertificate(
  { certificate, key }: TlsCredentials,
  { certificateFile, keyFile }: CertificatePlaces,
  nowMs: number,
): ServedCertificate {
  const read = attempt(
    () => new X509Certificate(certificate),
    (error) => unusable('certificate', certificateFile, 'it holds no certificate in PEM form', error),
  )
  const privateKey = attempt(
    () => createPrivateKey(key),
    (error) => unusable('key', keyFile, whyNoKey(key), error),
  )
  if (!read.checkPrivateKey(privateKey)) {
    throw unusable('key', keyFile, `it does not belong to the first certificate in ${certificateFile}`)
  }
  const { validFromDate, validToDate } = read
  if (validToDate.getTime() < nowMs) {
    throw unusable('certificate', certificateFile, `it has expired on ${dayOf(validToDate)}`)
  }
  if (validFromDate.getTime() > nowMs) {
    throw unusable('certificate', certificateFile, `it is valid only from ${dayOf(validFromDate)} on`)
  }
  // What OpenSSL does not take, because its key is too weak for instance.
  attempt(
    () => createSecureContext({ cert: certificate, key }),
    (error) => unusable('certificate', certificateFile, messageOf(error), error),
  )
  return {
    certificate,
    key,
    fingerprint: read.fingerprint256,
    names: namesOf(read.subjectAltName),
    notBeforeMs: validFromDate.getTime(),
    notAfterMs: validToDate.getTime(),
  }
}

function attempt<T>(run: () => T, refusal: (error: unknown) => ServerError): T {
  try {
    return run()
  } catch (error) {
    throw refusal(error)
  }
}

function whyNoKey(key: string): string {
  const isLocked = /^(-----BEGIN ENCRYPTED |Proc-Type: 4,ENCRYPTED)/m.test(key)
  return isLocked ? 'it is locked by a passphrase, wanted one without' : 'it holds no private key in PEM form'
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10)
}
