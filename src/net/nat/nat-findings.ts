import { formatAddress, type WireAddress } from '../../wire/address-bytes.ts'

/** Which public address a socket has, by whom it sends to (RFC 4787 section 4.1). */
export type NatMapping =
  /** Its own: there is no NAT. */
  | 'none'
  /** The same for all. */
  | 'endpoint-independent'
  | 'address-dependent'
  | 'address-and-port-dependent'
  | 'unknown'

/** Who may send to that address (section 5). */
export type NatFiltering =
  /** Everybody, once the socket has sent anything at all. */
  | 'endpoint-independent'
  /** Any port of an address that it has sent to. */
  | 'address-dependent'
  /** Only those that it has sent to. */
  | 'address-and-port-dependent'
  | 'unknown'

/** What is between a socket and the internet. */
export type NatFindings =
  | {
      readonly kind: 'found'
      readonly mapping: NatMapping
      readonly filtering: NatFiltering
      /** Where the socket is seen from. */
      readonly reflexive: WireAddress
      /** All that it was seen as, {@link reflexive} the last: more than one behind a NAT that has another port for each destination. */
      readonly seen: readonly WireAddress[]
      readonly roundTripMs: number
      /** Why something about it is unknown. */
      readonly why: string | undefined
    }
  | { readonly kind: 'blocked'; readonly why: string }

/** The names that people know. They are hints: checks decide which paths there are. */
export type NatName =
  | 'open'
  | 'firewall'
  | 'full cone'
  | 'restricted'
  | 'port-restricted'
  | 'symmetric'
  | 'udp-blocked'
  | 'unknown'

export function natName(findings: NatFindings): NatName {
  if (findings.kind === 'blocked') return 'udp-blocked'
  const { mapping, filtering } = findings
  if (mapping === 'address-dependent' || mapping === 'address-and-port-dependent') return 'symmetric'
  if (mapping === 'unknown' || filtering === 'unknown') return 'unknown'
  if (mapping === 'none') return filtering === 'endpoint-independent' ? 'open' : 'firewall'
  const names = {
    'endpoint-independent': 'full cone',
    'address-dependent': 'restricted',
    'address-and-port-dependent': 'port-restricted',
  } as const
  return names[filtering]
}

/**
 * Whether two of them can be expected to find a direct path when both answer to the address that they see. Measured with nftables in
 * network namespaces, nine tries a pair (docs/network.md).
 */
export function canPunch(own: NatName, other: NatName): 'yes' | 'no' | 'unknown' {
  if (own === 'udp-blocked' || other === 'udp-blocked') return 'no'
  if (own === 'unknown' || other === 'unknown') return 'unknown'
  const isStrict = (name: NatName) => name === 'port-restricted' || name === 'firewall'
  if (own === 'symmetric') return other === 'symmetric' || isStrict(other) ? 'no' : 'yes'
  return other === 'symmetric' && isStrict(own) ? 'no' : 'yes'
}

/** Said to people, in a sentence or two. */
export function describeNat(findings: NatFindings): string {
  if (findings.kind === 'blocked') return `${findings.why}; sessions from outside go through the web port`
  const { reflexive, why } = findings
  const seen = `seen as ${formatAddress(reflexive)}`
  const more = why === undefined ? '' : ` (${why})`
  return `${sentences[natName(findings)]}; ${seen}${more}`
}

const sentences: Readonly<Record<NatName, string>> = {
  'udp-blocked': 'UDP does not get through',
  open: 'no NAT and no firewall for UDP: everybody can come directly',
  firewall:
    'no NAT, but a firewall that lets in only who was sent to: direct with all but those behind a symmetric NAT',
  'full cone': 'a full cone NAT (one public address, open to all): direct with everybody who has UDP',
  restricted:
    'a restricted NAT (one public address, open to addresses that were sent to): direct with everybody who has UDP',
  'port-restricted':
    'a port-restricted NAT (one public address, open to those that were sent to): direct with all but those behind a symmetric NAT',
  symmetric:
    'a symmetric NAT (another public address for each destination): direct only with those whose NAT is not symmetric or port-restricted; others by a relay',
  unknown: 'a NAT of a kind that could not be told: checks find out whether a path is direct',
}
