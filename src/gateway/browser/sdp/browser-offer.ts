import type { VideoCodec } from '../../../domain/video-codec.ts'
import type { Ssrcs, ViewerStreams } from '../../../viewer/link/viewer-streams.ts'
import { transportSequenceUri } from '../../../wire/rtp/transport-feedback.ts'
import { BrowserGatewayError } from '../contract/gateway-error.ts'
import { readCandidate } from './remote-candidate.ts'
import { parseSessionDescription, valuesOf, type MediaSection, type SdpAttribute } from './session-description.ts'

/** A way to send one codec that the browser can receive. */
export interface OfferedFormat {
  readonly payloadType: number
  /** The parameters for `a=fmtp` of the answer, empty for none. */
  readonly parameters: string
}

interface OfferedMedia {
  readonly mid: string
  /** Id of the header extension with the transport-wide sequence number; 0 when the browser gives no such feedback. */
  readonly transportExtensionId: number
}

export interface OfferedVideo extends OfferedMedia {
  /** False while the browser does not want to see anything. */
  readonly isSeen: boolean
  /** At least one codec; the best format of each. */
  readonly formats: ReadonlyMap<VideoCodec, OfferedFormat>
}

/** Opus. Where there are pictures too, it has transport-wide sequence numbers only where they have them. */
export type OfferedAudio = OfferedMedia &
  OfferedFormat & {
    /** False while the browser does not want to hear anything. */
    readonly isHeard: boolean
    /** The stream of the microphone; undefined while there is none. */
    readonly voice: { readonly ssrc: number } | undefined
  }

/** One section of the offer, in its order, and what becomes of it; `none`: it is refused. */
export type OfferedSection = { readonly kind: string; readonly mid: string } & (
  | { readonly use: 'video' | 'data' | 'none' }
  /** A browser makes another one each time that a microphone comes back; one of them is heard. */
  | { readonly use: 'audio'; readonly audio: OfferedAudio }
)

/** What a browser offers, as far as this gateway needs it. */
export interface BrowserOffer {
  readonly sections: readonly OfferedSection[]
  /** Undefined for a viewer without pictures. */
  readonly video: OfferedVideo | undefined
  /** All sections of sound as one; undefined for a viewer without sound. */
  readonly audio: OfferedAudio | undefined
  /** Undefined for a viewer without data channels, and so without input. */
  readonly data: { readonly mid: string; readonly sctpPort: number } | undefined
  readonly ice: { readonly ufrag: string; readonly password: string }
  readonly fingerprint: string
  readonly setup: 'actpass' | 'active' | 'passive'
  /** Those that came with the offer and can be used, as `readCandidate` gives them. */
  readonly candidates: readonly string[]
}

/**
 * Reads a browser's offer to receive pictures and sound, send a voice, and open data channels: any of them. Throws
 * BrowserGatewayError `sdp-too-large`, `sdp-malformed`, `sdp-unsupported` or `no-usable-codec`.
 */
export function readBrowserOffer(sdp: string): BrowserOffer {
  const { attributes, media } = parseSessionDescription(sdp)
  const taken = new Set<string>()
  const read = media.map((section) => {
    const use = useOf(section, taken)
    const mid = valuesOf(section.attributes, 'mid')[0]
    if (mid === undefined || !/^[\w!#$%&'*+.^`{|}~-]{1,32}$/.test(mid))
      throw malformed('a media section has no usable mid')
    taken.add(use)
    return { use, kind: section.kind, mid, section }
  })
  if (new Set(read.map(({ mid }) => mid)).size < read.length) throw malformed('two media sections share a mid')
  const [video, data] = (['video', 'data'] as const).map((use) => read.find((section) => section.use === use))
  // All sections travel on one transport; its attributes stand in the first section that is used, or before all.
  const first = read.find(({ use }) => use !== 'none')
  if (!first) throw new BrowserGatewayError('sdp-unsupported', 'Cannot answer the offer: it has nothing to be used')
  const transport = [...first.section.attributes, ...attributes]
  const videoExtensionId = video && transportExtensionId(video.section)
  const heard = read.find(({ use, section }) => use === 'audio' && receives(section))
  const sections = read.map(({ use, kind, mid, section }): OfferedSection => {
    if (use !== 'audio') return { use, kind, mid }
    const audio = {
      ...opusFormat(section),
      isHeard: mid === heard?.mid,
      voice: voiceOf(section),
      mid,
      transportExtensionId: videoExtensionId === 0 ? 0 : transportExtensionId(section),
    }
    return { use, kind, mid, audio }
  })
  return {
    sections,
    video: video && {
      mid: video.mid,
      isSeen: receives(video.section),
      formats: videoFormats(video.section),
      transportExtensionId: videoExtensionId ?? 0,
    },
    audio: wholeAudio(sections.flatMap((section) => (section.use === 'audio' ? section.audio : []))),
    data: data && { mid: data.mid, sctpPort: sctpPort(data.section) },
    ice: iceCredentials(transport),
    fingerprint: fingerprint(transport),
    setup: setup(transport),
    candidates: candidatesOf(read.flatMap(({ section }) => valuesOf(section.attributes, 'candidate'))),
  }
}

/** What is heard of all sections is one of them; who speaks does it in the one that came last. */
function wholeAudio(sections: readonly OfferedAudio[]): OfferedAudio | undefined {
  const whole = sections.find(({ isHeard }) => isHeard) ?? sections.at(-1)
  return whole && { ...whole, voice: sections.findLast(({ voice }) => voice)?.voice }
}

/** How the streams of an offer are sent. */
export function streamsOf({ audio, video }: BrowserOffer, ssrcs: Ssrcs): ViewerStreams {
  return {
    ssrcs,
    video: video?.isSeen
      ? {
          payloadTypes: Object.fromEntries([...video.formats].map(([codec, { payloadType }]) => [codec, payloadType])),
          transportExtensionId: video.transportExtensionId,
        }
      : undefined,
    audio: audio && {
      payloadType: audio.payloadType,
      transportExtensionId: audio.transportExtensionId,
      isHeard: audio.isHeard,
      voiceSsrc: audio.voice?.ssrc,
    },
  }
}

/** The first section of a kind is used, and all of sound; more of the others are refused in the answer. */
function useOf({ kind, port, protocol, attributes }: MediaSection, taken: ReadonlySet<string>): OfferedSection['use'] {
  if (!['video', 'audio', 'application'].includes(kind)) {
    throw new BrowserGatewayError(
      'sdp-unsupported',
      'Cannot answer the offer: it has other media than video, audio and data',
    )
  }
  // Given up, unless it only waits for the transport of the first section (RFC 9143, section 6).
  if (port === 0 && !attributes.some(({ name }) => name === 'bundle-only')) return 'none'
  if (kind === 'application') return protocol.endsWith('/DTLS/SCTP') && !taken.has('data') ? 'data' : 'none'
  const use = kind === 'video' ? 'video' : 'audio'
  if (!protocol.endsWith('RTP/SAVPF') || (use === 'video' && taken.has(use))) return 'none'
  return use
}

/** Whether the browser wants to be sent what the section is for (RFC 8866, section 6.7). */
function receives({ attributes }: MediaSection): boolean {
  return !attributes.some(({ name }) => name === 'sendonly' || name === 'inactive')
}

interface Format extends OfferedFormat {
  readonly encoding: string
}

/** The payload types of a section, in the browser's order. */
function formatsOf({ formats, attributes }: MediaSection): Format[] {
  const byPayloadType = (name: string) =>
    new Map(
      valuesOf(attributes, name).map((value) => {
        const space = value.indexOf(' ')
        return [value.slice(0, space), value.slice(space + 1).trim()] as const
      }),
    )
  const encodings = byPayloadType('rtpmap')
  const parameters = byPayloadType('fmtp')
  return formats.flatMap((format) => {
    const encoding = encodings.get(format)?.toLowerCase()
    if (encoding === undefined || !/^\d{1,3}$/.test(format) || Number(format) > 127) return []
    return { payloadType: Number(format), encoding, parameters: parameters.get(format) ?? '' }
  })
}

function videoFormats(section: MediaSection): ReadonlyMap<VideoCodec, OfferedFormat> {
  const formats = formatsOf(section)
  const h264 = formats
    .filter(
      ({ encoding, parameters }) => encoding === 'h264/90000' && /(^|;)\s*packetization-mode=1(;|$)/.test(parameters),
    )
    .filter(({ parameters }) => h264Rank(parameters) < h264Profiles.length)
    .toSorted((a, b) => h264Rank(a.parameters) - h264Rank(b.parameters))[0]
  const vp8 = formats.find(({ encoding }) => encoding === 'vp8/90000')
  if (!h264 && !vp8) {
    throw new BrowserGatewayError(
      'no-usable-codec',
      'Cannot answer the offer: it has no video codec that this host can send (H.264 baseline or main with packetization-mode=1, VP8)',
    )
  }
  const found = new Map<VideoCodec, OfferedFormat>()
  if (h264) {
    const profile = profileOf(h264.parameters)
    const parameters = `level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=${profile}`
    found.set('h264', { payloadType: h264.payloadType, parameters })
  }
  if (vp8) found.set('vp8', { payloadType: vp8.payloadType, parameters: '' })
  return found
}

/** Constrained baseline is what is sent; what decodes baseline or main decodes it too (RFC 6184, section 8.1). */
const h264Profiles = ['42e0', '4200', '42', '4d']

/** Baseline is what a format without the parameter means. */
function profileOf(parameters: string): string {
  return /(?:^|;)\s*profile-level-id=([\da-f]{6})(?:;|$)/i.exec(parameters)?.[1]?.toLowerCase() ?? '42000a'
}

function h264Rank(parameters: string): number {
  const rank = h264Profiles.findIndex((prefix) => profileOf(parameters).startsWith(prefix))
  return rank < 0 ? h264Profiles.length : rank
}

function opusFormat(section: MediaSection): OfferedFormat {
  const opus = formatsOf(section).find(({ encoding }) => encoding === 'opus/48000/2')
  if (!opus) throw new BrowserGatewayError('no-usable-codec', 'Cannot answer the offer: it has sound, but not Opus')
  // What is sent is stereo; what comes back is a voice.
  return { payloadType: opus.payloadType, parameters: 'minptime=10;useinbandfec=1;stereo=0;sprop-stereo=1' }
}

/** A stream is taken by its SSRC, which browsers tell in their offers though their peers could do without. */
function voiceOf({ attributes }: MediaSection): OfferedAudio['voice'] {
  if (attributes.some(({ name }) => name === 'recvonly' || name === 'inactive')) return undefined
  const ssrc = Number(/^(\d{1,10}) /.exec(valuesOf(attributes, 'ssrc')[0] ?? '')?.[1])
  return ssrc >= 1 && ssrc <= 0xffff_ffff ? { ssrc } : undefined
}

/** Only ids of one-byte header extensions can be used (RFC 8285, section 4.2). */
function transportExtensionId(section: MediaSection): number {
  for (const value of valuesOf(section.attributes, 'extmap')) {
    const match = /^(\d{1,2})(?:\/\w+)? (\S+)/.exec(value)
    const id = Number(match?.[1])
    if (match?.[2] === transportSequenceUri && id >= 1 && id <= 14) return id
  }
  return 0
}

/** More of them make ICE slow for nothing; a browser has a handful. */
const maxCandidates = 64

function candidatesOf(values: readonly string[]): string[] {
  return values.slice(0, maxCandidates).flatMap((value) => {
    const candidate = readCandidate(value)
    return candidate.kind === 'usable' ? candidate.line : []
  })
}

function sctpPort(section: MediaSection): number {
  const port = Number(valuesOf(section.attributes, 'sctp-port')[0] ?? 5000)
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw malformed('its SCTP port is no port')
  return port
}

/** RFC 8839, section 5.4. */
function iceCredentials(attributes: readonly SdpAttribute[]): BrowserOffer['ice'] {
  const ufrag = valuesOf(attributes, 'ice-ufrag')[0] ?? ''
  const password = valuesOf(attributes, 'ice-pwd')[0] ?? ''
  if (!/^[\w+/-]{4,256}$/.test(ufrag) || !/^[\w+/-]{22,256}$/.test(password))
    throw malformed('it has no ICE credentials')
  return { ufrag, password }
}

/** RFC 8122, section 5. */
function fingerprint(attributes: readonly SdpAttribute[]): string {
  const value = valuesOf(attributes, 'fingerprint')[0] ?? ''
  if (!/^sha-(1|224|256|384|512) [\da-f]{2}(:[\da-f]{2}){19,63}$/i.test(value)) throw malformed('it has no fingerprint')
  return value
}

function setup(attributes: readonly SdpAttribute[]): BrowserOffer['setup'] {
  const value = valuesOf(attributes, 'setup')[0] ?? 'actpass'
  if (value !== 'actpass' && value !== 'active' && value !== 'passive') throw malformed('its setup role is unknown')
  return value
}

function malformed(found: string): BrowserGatewayError {
  return new BrowserGatewayError('sdp-malformed', `Cannot read the offer: ${found}`)
}
