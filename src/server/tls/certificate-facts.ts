import type { CertificateView } from '../../wire/api/host-info.ts'
import type { HostCertificate } from './open-certificate.ts'

/** What `GET /host` tells of a certificate, as it is now. */
export function certificateFacts({ current, isOwn }: HostCertificate): CertificateView {
  const { fingerprint, names, notAfterMs } = current.value
  return { fingerprint, names: [...names], expiresAt: new Date(notAfterMs).toISOString(), madeHere: isOwn }
}
