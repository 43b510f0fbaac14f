import type { SessionStay } from '../../src/client/index.ts'

/** A stretch of time, in milliseconds since the beginning of the stay. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
  readonly label: string
}

/** A stay as it is drawn: what went on beside each other on one axis of time. */
export interface TimelineLanes {
  /** From the beginning to the end, or to now; never zero. */
  readonly lengthMs: number
  readonly handshakes: readonly (Span & { readonly ok: boolean })[]
  /** `gateway`: by which way in; empty where it was not noted. */
  readonly paths: readonly (Span & { readonly gateway: string })[]
  readonly lobbies: readonly Span[]
  /** The bitrate that was aimed at from then on. */
  readonly bitrates: readonly { readonly atMs: number; readonly bps: number }[]
  /** The encoding that was shown, and why that one: `640x360@30`. */
  readonly renditions: readonly (Span & { readonly why: string })[]
  /** What was sent beside the pictures to repair them, where there was any, in percent of their packets. */
  readonly parities: readonly (Span & { readonly percent: number })[]
  /** When pictures were held back. */
  readonly silences: readonly Span[]
  readonly freezes: readonly Span[]
  readonly faults: readonly Span[]
}

type Entry = SessionStay['entries'][number]

/** Reads the lanes off what was noted. Whatever lies outside of the stay, by a clock that was set, is moved to its edge. */
export function lanesOf({ startedAt, endedAt, entries, lobbies }: SessionStay, nowMs: number): TimelineLanes {
  const startMs = Date.parse(startedAt)
  const lengthMs = Math.max(1, (endedAt === null ? nowMs : Date.parse(endedAt)) - startMs)
  const within = (ms: number) => Math.min(lengthMs, Math.max(0, ms))
  const at = (entry: Entry) => within(Date.parse(entry.at) - startMs)
  const ofKind = (...kinds: readonly string[]) => entries.filter(({ kind }) => kinds.includes(kind))
  const until = (entry: Entry, durationMs: number): Span => {
    return { fromMs: within(at(entry) - durationMs), toMs: at(entry), label: '' }
  }
  const titles = new Map(lobbies.map(({ id, title }) => [id, title]))
  const titleOf = ({ detail }: Entry) =>
    textOf(detail['title']) ?? titles.get(textOf(detail['lobbyId']) ?? '') ?? 'a lobby'
  return {
    lengthMs,
    handshakes: ofKind('handshake').map((entry) => {
      const ok = entry.detail['ok'] === true
      return {
        ...until(entry, numberOf(entry.detail['tookMs'])),
        ok,
        label: ok ? '' : (textOf(entry.detail['reason']) ?? 'failed'),
      }
    }),
    paths: spansBetween(ofKind('path'), at, lengthMs).map(({ entry, ...span }) => {
      return { ...span, label: textOf(entry.detail['path']) ?? '', gateway: textOf(entry.detail['gateway']) ?? '' }
    }),
    lobbies: spansBetween(ofKind('join', 'leave'), at, lengthMs)
      .filter(({ entry }) => entry.kind === 'join')
      .map(({ entry, ...span }) => ({ ...span, label: titleOf(entry) })),
    bitrates: bitratesOf(ofKind('adaptation'), at),
    renditions: renditionsOf(ofKind('rendition'), at, lengthMs),
    parities: paritiesOf(ofKind('parity'), at, lengthMs),
    silences: spansBetween(ofKind('mode'), at, lengthMs)
      .filter(({ entry }) => entry.detail['to'] !== 'pictures')
      .map(({ entry, fromMs, toMs }) => {
        return { fromMs, toMs, label: entry.detail['to'] === 'bad-network' ? 'bad network' : 'sound alone' }
      }),
    freezes: ofKind('freeze').map((entry) => until(entry, numberOf(entry.detail['durationMs']))),
    faults: ofKind('fault').map((entry) => ({ ...until(entry, 0), label: textOf(entry.detail['message']) ?? 'fault' })),
  }
}

/** What begins with each entry and lasts until the next one, or to the end. */
function spansBetween(entries: readonly Entry[], at: (entry: Entry) => number, lengthMs: number) {
  return entries.map((entry, index) => {
    const next = entries[index + 1]
    return { entry, fromMs: at(entry), toMs: next ? at(next) : lengthMs }
  })
}

/** What it was at first is told by the first change. */
function bitratesOf(changes: readonly Entry[], at: (entry: Entry) => number): TimelineLanes['bitrates'] {
  const [first] = changes
  if (!first) return []
  const begin = { atMs: 0, bps: numberOf(first.detail['fromBps']) }
  return [begin, ...changes.map((entry) => ({ atMs: at(entry), bps: numberOf(entry.detail['toBps']) }))]
}

/** What it was at first is told by the first change. */
function renditionsOf(
  changes: readonly Entry[],
  at: (entry: Entry) => number,
  lengthMs: number,
): TimelineLanes['renditions'] {
  const [first] = changes
  if (!first) return []
  const rendition = (text: unknown) => (textOf(text) ?? '').replace(' at ', '@')
  const begin = { fromMs: 0, toMs: at(first), label: rendition(first.detail['from']), why: '' }
  const spans = spansBetween(changes, at, lengthMs).map(({ entry, ...span }) => {
    return { ...span, label: rendition(entry.detail['to']), why: textOf(entry.detail['cause']) ?? '' }
  })
  return [begin, ...spans]
}

function paritiesOf(
  changes: readonly Entry[],
  at: (entry: Entry) => number,
  lengthMs: number,
): TimelineLanes['parities'] {
  const [first] = changes
  if (!first) return []
  const begin = { fromMs: 0, toMs: at(first), percent: numberOf(first.detail['fromPercent']) }
  const spans = spansBetween(changes, at, lengthMs).map(({ entry, ...span }) => {
    return { ...span, percent: numberOf(entry.detail['toPercent']) }
  })
  return [begin, ...spans].filter(({ percent }) => percent > 0).map((span) => ({ ...span, label: `${span.percent} %` }))
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
