import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { makeSelfSigned } from '../../net/identity/self-signed.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { ServerError } from '../contract/server-error.ts'
import { readPlainFile } from '../files/read-plain-file.ts'
import { writePrivateFile } from '../files/write-private-file.ts'
import { missingNames, uniqueNames, type CertificateNames } from './certificate-names.ts'
import { checkCertificate, type ServedCertificate } from './served-certificate.ts'

const maxBytes = 64 * 1024
const hourMs = 3600_000
const dayMs = 24 * hourMs
/** Browsers and systems refuse certificates of more than 398 days. */
const lifetimeMs = 398 * dayMs
/** It begins in the past, for those whose clock is behind. */
const backdatedMs = dayMs
/** It is renewed when less is left. */
const renewalMs = 30 * dayMs

/** The file in the data directory that holds the host's own key and certificate. */
export function ownCertificateFile(dataDirectory: string): string {
  return join(dataDirectory, 'certificate.pem')
}

/** The host's own certificate as it was kept; undefined when there is none that can be used. */
export function readOwnCertificate(file: string, nowMs: number): ServedCertificate | undefined {
  try {
    // Both are in one file, so that they always belong together.
    const text = readPlainFile(file, maxBytes)
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600)
    const credentials = { certificate: blockOf('CERTIFICATE', text), key: blockOf('PRIVATE KEY', text) }
    return checkCertificate(credentials, { certificateFile: file, keyFile: file }, nowMs)
  } catch {
    return undefined
  }
}

/** Why another one is to be made, for the log; undefined while this one is good. */
export function whyRenew(
  current: ServedCertificate | undefined,
  names: CertificateNames,
  nowMs: number,
): string | undefined {
  if (!current) return 'there was none that can be used'
  if (current.notAfterMs - nowMs < renewalMs) return 'it would expire'
  if (current.notBeforeMs > nowMs) return 'it was of the future'
  const missing = missingNames(names.essential, current.names)
  return missing.length > 0 ? `it did not name ${missing.join(', ')}` : undefined
}

/**
 * Makes the host's own certificate and keeps it. The names and IPv4 addresses of the one before stay in it, so that a
 * machine which goes to and fro between two networks does not need a new one each time. Throws ServerError
 * `certificate-unusable` when it cannot be kept.
 */
export function makeOwnCertificate(options: {
  file: string
  names: CertificateNames
  hostName: string
  former: ServedCertificate | undefined
  nowMs: number
  randomBytes: (count: number) => Uint8Array
}): ServedCertificate {
  const { file, names, hostName, former, nowMs, randomBytes } = options
  const staying = (former?.names ?? []).filter((name) => !name.includes(':'))
  const notBeforeMs = nowMs - backdatedMs
  const made = makeSelfSigned({
    keyType: 'ec',
    serial: randomBytes(16),
    commonName: `Porchlight on ${hostName}`.slice(0, 64),
    names: uniqueNames([...names.all, ...staying]),
    notBeforeMs,
    // Both ends belong to the time of a certificate: an hour less is less for sure.
    notAfterMs: notBeforeMs + lifetimeMs - hourMs,
  })
  try {
    writePrivateFile(file, made.key + made.certificate)
  } catch (error) {
    throw new ServerError('certificate-unusable', `Cannot keep a certificate in ${file}: ${messageOf(error)}`, {
      cause: error,
    })
  }
  return checkCertificate(made, { certificateFile: file, keyFile: file }, nowMs)
}

function blockOf(label: string, text: string): string {
  return new RegExp(`-----BEGIN ${label}-----\\n[^-]*-----END ${label}-----\\n`).exec(text)?.[0] ?? ''
}
