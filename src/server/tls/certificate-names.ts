import { isIP } from 'node:net'
import { addressBytes } from '../../wire/address-bytes.ts'
import { isDnsName } from '../../wire/x509/certificate.ts'
import { isWildcard, machineNames, type MachineNames } from '../auth/allowed-hosts.ts'

/** What the host's own certificate is for. */
export interface CertificateNames {
  readonly all: readonly string[]
  /** Those of {@link all} without which another certificate is wanted. */
  readonly essential: readonly string[]
}

/** More would make every handshake long; a machine with more addresses is reached by name. */
const maxNames = 64

/**
 * The names and addresses by which this machine is known to be reached. IPv6 addresses are not essential where there is
 * IPv4: no link has them, and those for privacy change every day.
 */
export function certificateNames(options: {
  bindHost: string
  allowedOrigins: readonly string[]
  machine?: MachineNames
}): CertificateNames {
  const { bindHost, allowedOrigins, machine = machineNames } = options
  const hostName = machine.hostname().toLowerCase()
  const names = [hostName, `${hostName}.local`, bindHost, ...allowedOrigins.map((origin) => new URL(origin).hostname)]
  const chosen = ['localhost', '127.0.0.1', '::1', ...names.map(unbracketed)].filter(
    (name) => !isWildcard(name) && (isIP(name) !== 0 || isDnsName(name)),
  )
  const addresses = machine.addresses().filter((address) => isIP(address) !== 0 && !isLinkLocal(address))
  const plain = addresses.filter((address) => isIP(address) === 4)
  const hasPlain = plain.some((address) => !address.startsWith('127.'))
  const essential = uniqueNames([...chosen, ...(hasPlain ? plain : addresses)])
  return { essential, all: uniqueNames([...essential, ...addresses]) }
}

/** The names of a certificate, as `X509Certificate.subjectAltName` tells them. */
export function namesOf(subjectAltName: string | undefined): readonly string[] {
  return (subjectAltName ?? '').split(', ').flatMap((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1] ?? [])
}

/** Those of `wanted` that are not among `names`, however they are spelled. */
export function missingNames(wanted: readonly string[], names: readonly string[]): readonly string[] {
  const known = new Set(names.map(spelling))
  return wanted.filter((name) => !known.has(spelling(name)))
}

/** Each name once, in order, as many as a certificate is to have. */
export function uniqueNames(names: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  const isFirst = (name: string) => seen.size < seen.add(spelling(name)).size
  return names.filter(isFirst).slice(0, maxNames)
}

/** The same for all ways to write one name. */
function spelling(name: string): string {
  return addressBytes(name)?.join('.') ?? name.toLowerCase()
}

function isLinkLocal(address: string): boolean {
  return /^(169\.254\.|fe80:)/i.test(address)
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}
