import type { DnsName } from '../../wire/mdns/dns-name.ts'

/** A service of this host that others on its network may find. */
export interface OwnService {
  /** As people read it; another host that has the same makes it `name (2)`. */
  readonly name: string
  /** `_nvstream._tcp`. */
  readonly type: string
  readonly port: number
  /** `key=value` each. */
  readonly texts: readonly string[]
}

/** A service of some host. */
export interface FoundService {
  readonly name: string
  readonly port: number
  /** Of IPv4; never empty. */
  readonly addresses: readonly string[]
  readonly texts: readonly string[]
}

/** The name of a type of services in the domain of the own link. */
export function typeName(type: string): DnsName {
  return [...type.split('.'), 'local']
}

/** What says which types there are (RFC 6763, 9). */
export const allTypes: DnsName = ['_services', '_dns-sd', '_udp', 'local']
