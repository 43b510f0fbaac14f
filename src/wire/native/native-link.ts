import { WireError } from '../wire-error.ts'
import { hostsPath } from '../reach/registration.ts'
import { keyBytes } from './noise-crypto.ts'

/**
 * Where a host is, who it is, and what opens it:
 *
 *     porchlight://192.0.2.1:47900/KEY?web=https://192.0.2.1:8080#INVITATION
 *
 * KEY is its public key, INVITATION the token of an invitation, both in base64url; without one the link opens the host to those alone whom
 * it knows. What stands behind the `#` is sent to nobody before the channel is open. `web` is where the host's web port is, at which paths are
 * found where the address alone does not lead there; it may be left out.
 */
export interface NativeLink {
  /** A name or an IP address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
  readonly key: Uint8Array
  readonly invitation: string | undefined
  /** `https://192.0.2.1:8080`, with a folder where a proxy has it in one, and no `/` at the end. */
  readonly web?: string | undefined
}

const scheme = 'porchlight:'
const mostCharacters = 512
const base64url = /^[\w-]{43}$/
const linkShape =
  /^porchlight:\/\/(\[[\da-f:.]+\]|[\w.-]+):(\d{1,5})\/([\w-]{43})(?:\?web=(https?:\/\/(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?(?:\/[\w.~-]+)*))?(?:#([\w-]{43}))?$/i

export function formatNativeLink({ host, port, key, invitation, web }: NativeLink): string {
  const place = host.includes(':') ? `[${host}]` : host
  const fragment = invitation === undefined ? '' : `#${invitation}`
  const query = web === undefined ? '' : `?web=${web}`
  return `${scheme}//${place}:${port}/${toBase64url(key)}${query}${fragment}`
}

/** Throws WireError `too-long` or `malformed`, whose message repeats nothing of the link: it is a secret. */
export function parseNativeLink(text: string): NativeLink {
  if (text.length > mostCharacters) throw new WireError('too-long', 'Cannot read the link: it is too long for one')
  const match = linkShape.exec(text.trim())
  const [, place = '', digits = '', letters = '', web, invitation] = match ?? []
  const port = Number(digits)
  if (!match || !base64url.test(letters) || port < 1 || port > 65_535) {
    throw new WireError('malformed', 'Cannot read the link: wanted porchlight://HOST:PORT/KEY#INVITATION')
  }
  const key = fromBase64url(letters)
  if (key.length !== keyBytes) throw new WireError('malformed', 'Cannot read the link: its key is none')
  return { host: place.replace(/^\[(.*)\]$/, '$1'), port, key, invitation, ...(web !== undefined && { web }) }
}

/** Where a host is looked for that nobody reaches otherwise: the place of its key at a gateway. Undefined where `web` is the host's own web port. */
export function gatewayOf({ web, key }: Pick<NativeLink, 'web' | 'key'>): URL | undefined {
  return web?.endsWith(`${hostsPath}/${toBase64url(key)}`) ? new URL(web) : undefined
}

function toBase64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}

function fromBase64url(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0))
}
