/** Where datagrams go to and come from: an IP address as text, without a zone, and a port. */
export interface WireAddress {
  readonly address: string
  readonly port: number
}

/** `192.0.2.1:4710`, `[2001:db8::1]:4710`. */
export function formatAddress({ address, port }: WireAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** What {@link formatAddress} writes; undefined for anything else, a name for instance, or port 0. */
export function parseAddress(text: string): WireAddress | undefined {
  const [, inner, plain, digits] = /^(?:\[([\da-fA-F:.]+)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? []
  const address = inner ?? plain ?? ''
  const port = Number(digits)
  return addressBytes(address) !== undefined && port >= 1 && port <= 65_535 ? { address, port } : undefined
}

/**
 * The bytes of an IP address, four or sixteen of them, big-endian, as a certificate names it; undefined for what is none.
 * IPv6 is taken without a zone and without brackets.
 */
export function addressBytes(text: string): Uint8Array | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) {
    const bytes = text.split('.').map(Number)
    return bytes.every((byte) => byte <= 255) ? Uint8Array.from(bytes) : undefined
  }
  const url = `http://[${text}]`
  if (!text.includes(':') || !/^[\da-f:.]+$/i.test(text) || !URL.canParse(url)) return undefined
  // The parser of URLs leaves groups of hexadecimal digits, with one run of zeros cut out.
  const [head = '', tail = ''] = new URL(url).hostname.slice(1, -1).split('::')
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  const [first, last] = [groupsOf(head), groupsOf(tail)]
  const groups = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last]
  return Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 0xff]))
}

/** The address that these four or sixteen bytes are, as the system writes it. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0))
  return new URL(`http://[${groups.map((group) => group.toString(16)).join(':')}]`).hostname.slice(1, -1)
}
