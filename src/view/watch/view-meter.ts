import type { PathStanding } from '../../domain/path-standing.ts'
import { FreezeCount } from '../../client/stats/freeze-count.ts'
import type { NativeHost } from '../host/native-host.ts'
import type { MediaCounts } from '../channel/received-media.ts'

/** How the viewing goes, over the time since the last look. */
export interface ViewSample {
  /** By which the newest conversation goes; undefined while there is none. */
  readonly path: string | undefined
  /** Why by that one, in few words; undefined where there is no choice. */
  readonly because: string | undefined
  /** How the others stand, those that answer first. */
  readonly others: readonly PathStanding[]
  readonly roundTripMs: number | undefined
  /** Of the packets of the host, 0 to 1. */
  readonly lossRatio: number
  readonly fps: number
  /** Of pictures and all else that came. */
  readonly bitrateBps: number
  /** Since the beginning: pauses while pictures were due, and pieces that parity or repetition brought back. */
  readonly freezes: number
  readonly recovered: number
  readonly size: string | undefined
  /** What the host sends in place of what is lost, in percent of what pictures take; undefined before it has told. */
  readonly parityPercent: number | undefined
  /** `pictures`, `bad-network` or `sound-alone`; undefined before the host has told. */
  readonly mode: string | undefined
}

/** A pause between two pictures that can be seen. */
const freezeMs = 250

/** Where all counters stood at the last look. */
interface Mark {
  readonly channel: object
  readonly atMs: number
  readonly receivedBytes: number
  readonly receivedPackets: number
  readonly missedPackets: number
}

/** Measures what comes of a host, whatever shows it, over all of its conversations. */
export class ViewMeter implements Disposable {
  readonly #host: NativeHost
  readonly #nowMs: () => number
  readonly #untap: () => void
  readonly #freezes = new FreezeCount()
  #pictures = 0
  #picturesBefore = 0
  #pauses = 0
  #pausedMs = 0
  #pictureMs: number | undefined
  #size: string | undefined
  #recovered = { before: 0, now: 0 }
  #mark: Mark | undefined

  constructor(host: NativeHost, nowMs: () => number) {
    this.#host = host
    this.#nowMs = nowMs
    this.#untap = host.tap({
      picture: ({ width, height }) => this.#onPicture(width, height),
      sound: () => {},
    })
  }

  look(): ViewSample {
    const visit = this.#host.visits.at(-1)
    const nowMs = this.#nowMs()
    if (!visit) {
      this.#mark = undefined
      return {
        ...nothing,
        freezes: this.#freezesNow(undefined),
        recovered: this.#recoveredNow(undefined),
        size: this.#size,
      }
    }
    const { overview } = visit
    const { statistics, link, media } = visit.channel
    const { receivedBytes, receivedPackets, missedPackets, roundTripMs } = statistics
    const before = this.#mark?.channel === visit ? this.#mark : undefined
    this.#mark = { channel: visit, atMs: nowMs, receivedBytes, receivedPackets, missedPackets }
    const seconds = before ? Math.max(0.001, (nowMs - before.atMs) / 1000) : Infinity
    const missed = Math.max(0, missedPackets - (before?.missedPackets ?? 0))
    const came = receivedPackets - (before?.receivedPackets ?? 0)
    const pictures = this.#pictures - this.#picturesBefore
    this.#picturesBefore = this.#pictures
    return {
      path: link.way,
      because: overview?.because,
      others: overview?.paths.filter(({ state }) => state !== 'taken') ?? [],
      roundTripMs,
      lossRatio: missed + came === 0 ? 0 : missed / (missed + came),
      fps: pictures / seconds,
      bitrateBps: ((receivedBytes - (before?.receivedBytes ?? 0)) * 8) / seconds,
      freezes: this.#freezesNow(visit.stats?.restMs),
      recovered: this.#recoveredNow(media?.counts),
      size: this.#size,
      parityPercent: visit.stats?.parityPercent,
      mode: visit.stats?.mode,
    }
  }

  [Symbol.dispose](): void {
    this.#untap()
  }

  #onPicture(width: number, height: number): void {
    const nowMs = this.#nowMs()
    const pauseMs = nowMs - (this.#pictureMs ?? nowMs)
    if (pauseMs > freezeMs) {
      this.#pauses++
      this.#pausedMs += pauseMs
    }
    this.#pictureMs = nowMs
    this.#pictures++
    this.#size = `${width}x${height}`
  }

  #freezesNow(restMs: number | undefined): number {
    const sample = { freezes: this.#pauses, frozenS: this.#pausedMs / 1000 }
    return this.#freezes.look(sample, restMs === undefined ? undefined : { restMs }).freezes
  }

  /** Each receiver begins to count anew. */
  #recoveredNow(counts: MediaCounts | undefined): number {
    const recovered = counts?.recovered ?? 0
    if (recovered < this.#recovered.now) this.#recovered.before += this.#recovered.now
    this.#recovered.now = recovered
    return this.#recovered.before + recovered
  }
}

const nothing = {
  path: undefined,
  because: undefined,
  others: [],
  roundTripMs: undefined,
  lossRatio: 0,
  fps: 0,
  bitrateBps: 0,
  parityPercent: undefined,
  mode: undefined,
}
