import { mostLatencyPoints } from '../../wire/api/party.ts'
import type { PeerReport } from '../contract/party-membership.ts'

/** Peers that are remembered; the one that was heard of first is forgotten for one more. */
const mostPeers = 1024
/** Nothing newer: what was measured says nothing about now. */
const freshMs = 60_000

/** A round trip as it was measured then. */
export interface LatencyPoint {
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number
  readonly latencyMs: number | null
}

interface Known extends PeerReport {
  readonly isProbe: boolean
  readonly seenMs: number
  readonly history: readonly LatencyPoint[]
}

/** What is known of the ways to peers, and how their latencies went. */
export class PeerReports {
  readonly #byPeer = new Map<string, Known>()
  readonly #epochMs: () => number

  constructor(epochMs: () => number) {
    this.#epochMs = epochMs
  }

  /** A probe says nothing where who carries traffic has lately; then false. */
  put(peerId: string, report: PeerReport, { isProbe }: { isProbe: boolean }): boolean {
    const nowMs = this.#epochMs()
    const last = this.#byPeer.get(peerId)
    if (isProbe && last && !last.isProbe && nowMs - last.seenMs < freshMs) return false
    const point = { atMs: nowMs, latencyMs: report.latencyMs }
    const history = [...(last?.history ?? []), point].slice(-mostLatencyPoints)
    const [oldest] = this.#byPeer.keys()
    if (!last && this.#byPeer.size >= mostPeers && oldest !== undefined) this.#byPeer.delete(oldest)
    this.#byPeer.set(peerId, { ...report, isProbe, seenMs: nowMs, history })
    return true
  }

  /** Undefined where nothing was heard lately. */
  get(peerId: string): PeerReport | undefined {
    const known = this.#byPeer.get(peerId)
    return known && this.#epochMs() - known.seenMs < freshMs ? known : undefined
  }

  historyOf(peerId: string): readonly LatencyPoint[] {
    return this.#byPeer.get(peerId)?.history ?? []
  }

  forget(peerId: string): void {
    this.#byPeer.delete(peerId)
  }
}
