/**
 * What friends are sent: where a party's control plane is, which party, and what lets in: `https://192.168.1.5:8080/#party=3f9a…&code=7KQ2M-9XD4T&secret=3F6GH-8JKMN`,
 * with `cert`, the SHA-256 of the certificate, where no authority vouches for it. A fragment is never sent to a server.
 */
export interface PartyLink {
  /** Of the control plane, with nothing behind it. */
  readonly url: string
  readonly partyId: string
  /** Undefined where the id is enough. */
  readonly code: string | undefined
  /** The second part of the code, for members alone; undefined in a party without one. */
  readonly secret: string | undefined
  /** 64 hexadecimal digits, or undefined. */
  readonly fingerprint: string | undefined
}

export const partyFragmentKey = 'party'
const codeKey = 'code'
const secretKey = 'secret'
const certificateKey = 'cert'

export function formatPartyLink({ url, partyId, code, secret, fingerprint }: PartyLink): string {
  const fragment = new URLSearchParams({ [partyFragmentKey]: partyId })
  if (code !== undefined) fragment.set(codeKey, code)
  if (secret !== undefined) fragment.set(secretKey, secret)
  if (fingerprint !== undefined) fragment.set(certificateKey, fingerprint.replaceAll(':', '').toLowerCase())
  return `${url.replace(/\/$/, '')}/#${fragment.toString()}`
}

/** Undefined for what is no such link. */
export function parsePartyLink(text: string): PartyLink | undefined {
  const url = text.length > 2048 ? null : URL.parse(text.trim())
  if (!url || !/^https?:$/.test(url.protocol)) return undefined
  const fragment = new URLSearchParams(url.hash.slice(1))
  const partyId = fragment.get(partyFragmentKey) ?? ''
  const fingerprint = fragment.get(certificateKey) ?? undefined
  if (!/^[\w-]{1,64}$/.test(partyId)) return undefined
  if (fingerprint !== undefined && !/^[\da-f]{64}$/.test(fingerprint)) return undefined
  const [code, secret] = [codeKey, secretKey].map((key) => fragment.get(key)?.slice(0, 64))
  return { url: url.origin + url.pathname.replace(/\/+$/, ''), partyId, code, secret, fingerprint }
}
