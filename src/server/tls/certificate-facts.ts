import type { HostInfo } from '../../wire/api/resources.ts'
import type { HostCertificate } from './open-certificate.ts'

/** What `GET /host` tells of a certificate, as it is now. */
export function certificateFacts({ current, isOwn }: HostCertificate): NonNullable<HostInfo['certificate']> {
  const { fingerprint, names, notAfterMs } = current.value
  return { fingerprint, names: [...names], expiresAt: new Date(notAfterMs).toISOString(), madeHere: isOwn }
}
