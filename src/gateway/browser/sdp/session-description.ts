import { BrowserGatewayError } from '../contract/gateway-error.ts'

/** `a=name:value`; a flag has the empty value. */
export interface SdpAttribute {
  readonly name: string
  readonly value: string
}

/** One `m=` line and what belongs to it. */
export interface MediaSection {
  /** `video`, `audio`, `application`, ... */
  readonly kind: string
  /** 0 for a section that was refused or given up. */
  readonly port: number
  /** For instance `UDP/TLS/RTP/SAVPF`. */
  readonly protocol: string
  /** Payload types in order of preference, as text. */
  readonly formats: readonly string[]
  readonly attributes: readonly SdpAttribute[]
}

export interface SessionDescription {
  /** Those before the first media section. */
  readonly attributes: readonly SdpAttribute[]
  readonly media: readonly MediaSection[]
}

/** A browser's offer for two streams has about 6,000 characters in 200 lines. */
const maxCharacters = 64 * 1024
const maxLines = 2000
const maxLineCharacters = 2048
const maxMediaSections = 16

/**
 * Reads the lines of a session description (RFC 8866) that a negotiation needs: media and attributes. Others are
 * skipped. Throws BrowserGatewayError `sdp-too-large` or `sdp-malformed`.
 */
export function parseSessionDescription(sdp: string): SessionDescription {
  if (sdp.length > maxCharacters) throw tooLarge(`${sdp.length} characters, wanted at most ${maxCharacters}`)
  const lines = sdp.split('\n', maxLines + 1)
  if (lines.length > maxLines) throw tooLarge(`more than ${maxLines} lines`)
  const session: SdpAttribute[] = []
  const media: (MediaSection & { readonly attributes: SdpAttribute[] })[] = []
  for (const [index, raw] of lines.entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (line.length > maxLineCharacters) throw tooLarge(`line ${index + 1} has ${line.length} characters`)
    if (index === 0 && line !== 'v=0') throw malformed('it does not begin with v=0')
    if (line === '' && index === lines.length - 1) continue
    if (!/^[a-z]=/.test(line)) throw malformed(`line ${index + 1} has no type`)
    if (line.startsWith('m=')) media.push(parseMediaLine(line.slice(2), index + 1))
    if (line.startsWith('a=')) (media.at(-1)?.attributes ?? session).push(parseAttribute(line.slice(2)))
    if (media.length > maxMediaSections) throw tooLarge(`more than ${maxMediaSections} media sections`)
  }
  return { attributes: session, media }
}

function parseMediaLine(text: string, line: number): MediaSection & { attributes: SdpAttribute[] } {
  const match = /^([a-z]+) (\d{1,5})(?:\/\d+)? (\S+) (\S.*)$/.exec(text)
  if (!match) throw malformed(`line ${line} is no media line`)
  const [, kind = '', port, protocol = '', formats = ''] = match
  return { kind, port: Number(port), protocol, formats: formats.trim().split(/ +/), attributes: [] }
}

function parseAttribute(text: string): SdpAttribute {
  const colon = text.indexOf(':')
  return colon < 0 ? { name: text, value: '' } : { name: text.slice(0, colon), value: text.slice(colon + 1) }
}

/** The values of all attributes of one name. */
export function valuesOf(attributes: readonly SdpAttribute[], name: string): string[] {
  return attributes.filter((attribute) => attribute.name === name).map((attribute) => attribute.value)
}

function malformed(found: string): BrowserGatewayError {
  return new BrowserGatewayError('sdp-malformed', `Cannot read session description: ${found}`)
}

function tooLarge(found: string): BrowserGatewayError {
  return new BrowserGatewayError('sdp-too-large', `Cannot read session description: ${found}`)
}
