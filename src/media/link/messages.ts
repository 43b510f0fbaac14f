import * as v from 'valibot'
import { videoCodecs, type VideoCodec } from '../../domain/video-codec.ts'
import { soundLayouts } from '../../domain/sound-layout.ts'
import { MediaError } from '../contract/media-error.ts'
import type { SourceSpec } from '../contract/producer.ts'
import type { PictureSize } from '../contract/picture-size.ts'
import { mostSpeakers } from '../contract/voice.ts'
import { mostLinks, violation } from './protocol.ts'

/** How one encoding of a source is made. */
export interface RenditionSpec {
  readonly codec: VideoCodec
  readonly size: PictureSize
  readonly fps: number
  readonly bitrateBps: number
}

const index = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff))
const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff))
const fps = v.pipe(v.number(), v.minValue(1), v.maxValue(240))
const bitrateBps = v.pipe(v.number(), v.minValue(1), v.maxValue(1e9))
/** Lines of text on a test card, and characters in one. */
export const mostLines = 6
export const longestLine = 500

const line = v.pipe(v.string(), v.maxLength(longestLine))
const lines = v.pipe(v.array(line), v.maxLength(mostLines))
const codec = v.picklist(videoCodecs)
const soundLayout = v.picklist(soundLayouts)

const absent = <Output>(schema: v.GenericSchema<unknown, Output>) =>
  v.pipe(
    v.union([v.null(), v.undefined(), schema]),
    v.transform((value) => value ?? undefined),
  )

const encoding = absent(
  v.object({
    codecs: v.pipe(v.array(codec), v.maxLength(8)),
    maxBitrateBps: absent(bitrateBps),
    preset: v.picklist(['latency', 'quality']),
  }),
)

const sourceSpec: v.GenericSchema<unknown, SourceSpec> = v.variant('kind', [
  v.object({
    kind: v.literal('test-pattern'),
    width: size,
    height: size,
    fps,
    title: line,
    lines,
    tone: absent(soundLayout),
    encoding: v.optional(encoding),
  }),
  v.object({
    kind: v.literal('x11'),
    display: v.string(),
    authorityFile: v.string(),
    fps,
    sound: absent(
      v.object({
        server: v.string(),
        cookieFile: absent(v.string()),
        source: v.string(),
        layout: soundLayout,
        microphone: v.optional(absent(v.string())),
      }),
    ),
    encoding: v.optional(encoding),
  }),
])

const pictureSize = v.union([v.picklist([1, 2, 4]), v.object({ width: size, height: size })])

const renditionSpec: v.GenericSchema<unknown, RenditionSpec> = v.object({
  codec,
  size: pictureSize,
  fps,
  bitrateBps,
})

const links = v.pipe(v.array(index), v.maxLength(mostLinks))

/** 0 means everybody, where it stands for one of them. */
const speaker = v.pipe(index, v.minValue(1))

export const orderSchema = v.variant('type', [
  v.object({ type: v.literal('open-source'), source: index, spec: sourceSpec }),
  v.object({ type: v.literal('close-source'), source: index }),
  v.object({ type: v.literal('add-rendition'), source: index, rendition: index, spec: renditionSpec }),
  v.object({
    type: v.literal('change-rendition'),
    source: index,
    rendition: index,
    size: pictureSize,
    fps,
    bitrateBps,
  }),
  v.object({ type: v.literal('remove-rendition'), source: index, rendition: index }),
  v.object({ type: v.literal('keyframe'), source: index, rendition: index }),
  v.object({ type: v.literal('still'), source: index }),
  /** In which layouts somebody listens; none while nobody does. */
  v.object({
    type: v.literal('sound'),
    source: index,
    layouts: v.pipe(v.array(soundLayout), v.maxLength(soundLayouts.length)),
  }),
  v.object({
    type: v.literal('speakers'),
    source: index,
    speakers: v.pipe(v.array(v.object({ speaker, app: v.boolean(), members: v.boolean() })), v.maxLength(mostSpeakers)),
  }),
  v.object({ type: v.literal('lines'), source: index, title: line, lines }),
  /** Connect to this inlet, as that media process. */
  v.object({ type: v.literal('link'), link: index, path: v.string(), media: index, proof: v.string() }),
  v.object({ type: v.literal('unlink'), link: index }),
  /** Where the pictures of a rendition go; until this is said, to the server. Of what goes to inlets alone the server hears without its data. */
  v.object({ type: v.literal('deliver'), source: index, rendition: index, here: v.boolean(), links }),
])

/** What the server tells the process. Sources and renditions are numbered by the server; no number is used twice. */
export type Order = v.InferOutput<typeof orderSchema>

export const reportSchema = v.variant('type', [
  v.object({
    type: v.literal('encoders'),
    encoders: v.pipe(
      v.array(v.object({ name: v.string(), codec, available: v.boolean(), reason: v.string() })),
      v.maxLength(50),
    ),
  }),
  v.object({ type: v.literal('source-live'), source: index, width: size, height: size, fps }),
  /** Whether what it shows is in motion; taken for granted until the first of these. */
  v.object({ type: v.literal('motion'), source: index, moves: v.boolean() }),
  v.object({ type: v.literal('source-failed'), source: index, reason: v.string() }),
  v.object({ type: v.literal('source-closed'), source: index }),
  v.object({ type: v.literal('no-still'), source: index, reason: v.picklist(['same', 'none']) }),
  v.object({
    type: v.literal('speaking'),
    source: index,
    speakers: v.pipe(v.array(speaker), v.maxLength(mostSpeakers)),
  }),
  v.object({
    type: v.literal('rendition-open'),
    source: index,
    rendition: index,
    encoder: v.string(),
    width: size,
    height: size,
  }),
  v.object({ type: v.literal('rendition-failed'), source: index, rendition: index, reason: v.string() }),
  /** Nothing gets to that inlet any more, and nobody had asked for it. */
  v.object({ type: v.literal('link-lost'), link: index, reason: v.string() }),
  v.object({ type: v.literal('log'), level: v.picklist(['debug', 'info', 'warn', 'error']), message: v.string() }),
])

/** What the process tells the server, besides units. */
export type Report = v.InferOutput<typeof reportSchema>

/** One encoder of the try list, and whether it works here; `reason` is a sentence for people. */
export interface EncoderReport {
  /** FFmpeg's name of it. */
  readonly name: string
  readonly codec: VideoCodec
  readonly available: boolean
  readonly reason: string
}

/** Throws MediaError `bad-source` for what no process can open. */
export function checkSource(spec: SourceSpec): void {
  const result = v.safeParse(sourceSpec, spec)
  if (result.success) return
  const [issue] = result.issues
  const place = v.getDotPath(issue) ?? 'kind'
  throw new MediaError('bad-source', `Cannot open a source: its "${place}" is wrong: ${issue.message}`)
}

/** Throws MediaError `protocol-violation`. */
export function parseOrder(value: unknown): Order {
  return parse(orderSchema, value)
}

/** Throws MediaError `protocol-violation`. */
export function parseReport(value: unknown): Report {
  return parse(reportSchema, value)
}

function parse<Output>(schema: v.GenericSchema<unknown, Output>, value: unknown): Output {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const [issue] = result.issues
  throw violation(`a message is wrong at "${v.getDotPath(issue) ?? ''}": ${issue.message}`)
}
