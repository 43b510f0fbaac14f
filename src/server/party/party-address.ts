import type { PlaneAddress } from '../../party/contract/nearby.ts'
import type { ServerConfig } from '../config/config.ts'
import { isLoopback } from '../network/page-links.ts'
import type { HostCertificate } from '../tls/open-certificate.ts'

/**
 * Where other members find this host's web port: by its first address that leads here from elsewhere, and otherwise by that of this
 * machine, where members on it can still meet.
 */
export function partyAddress(options: {
  readonly config: Pick<ServerConfig, 'allowedOrigins'>
  /** Addresses of the page, the one to hand on first. */
  readonly links: readonly string[]
  readonly certificate: Pick<HostCertificate, 'isOwn' | 'current'> | undefined
  /** `http://127.0.0.1:8080` */
  readonly local: string
}): PlaneAddress {
  const { config, links, certificate, local } = options
  const link = links.find((each) => !isLoopback(new URL(each).hostname))
  if (link === undefined) return { url: local, fingerprint: undefined }
  const { protocol, origin } = new URL(link)
  const isOwn = protocol === 'https:' && certificate?.isOwn === true && !config.allowedOrigins.includes(origin)
  return {
    url: link.replace(/\/$/, ''),
    fingerprint: isOwn ? certificate.current.value.fingerprint.replaceAll(':', '').toLowerCase() : undefined,
  }
}
