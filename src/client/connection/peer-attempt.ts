import type { Clock, Timer } from '../../kernel/clock.ts'
import { receivedAmount } from '../stats/read-sample.ts'
import { ClientError } from '../contract/client-error.ts'
import type { PathKind } from '../contract/client-path.ts'
import { awaitFirstPicture } from './first-picture.ts'
import { watchFlow, type Flow } from '../path/flow-watch.ts'
import type { Peer } from './peer.ts'
import type { RouteProgress } from '../path/route.ts'

export interface PeerAttemptOptions {
  readonly peer: Peer
  readonly clock: Clock
  /** Media comes by it now. */
  readonly isCarrying: () => boolean
  readonly onChange: () => void
  /** What comes is late. */
  readonly onDoubt: () => void
  /** It is over. */
  readonly onFailed: (error: ClientError) => void
}

/** The host reports more than twice a second, even when there is nothing else to send. */
const silentMs = 1000

/**
 * One peer connection and everything that watches it, which ends with it: timers, listeners, and the connection itself.
 * (An `AsyncDisposableStack` would be that; not every browser has one.)
 */
export class PeerAttempt {
  readonly peer: Peer
  readonly openedMs: number
  readonly #options: PeerAttemptOptions
  readonly #timers = new Set<Timer>()
  #isWatched = true
  #progress: RouteProgress = 'opening'
  #kind: PathKind = 'direct'

  constructor(options: PeerAttemptOptions) {
    const { peer, clock, onFailed, onChange } = options
    this.#options = options
    this.peer = peer
    this.openedMs = clock.nowMs()
    void peer.closed.then((end) => {
      if (!this.#isWatched || end.kind === 'clean') return
      onFailed(end.error instanceof ClientError ? end.error : new ClientError('media-lost', end.error.message))
    })
    const opened = () => {
      if (!this.#isWatched) return
      this.#progress = 'open'
      this.#watch()
      onChange()
    }
    peer.ready.then(opened, () => {})
  }

  get progress(): RouteProgress {
    return this.#progress
  }

  /** Directly, or through a relay, as far as that is known. */
  get kind(): PathKind {
    return this.#kind
  }

  /** There was a picture. */
  get hasShown(): boolean {
    return this.#progress === 'shows' || this.#progress === 'doubtful' || this.#progress === 'silent'
  }

  /** It is over unless it shows a picture by then. */
  limit(ms: number): void {
    const { clock, onFailed } = this.#options
    const timer = clock.after(ms, () => {
      if (!this.hasShown) onFailed(new ClientError('timeout', `No media within ${ms} ms`))
    })
    this.#timers.add(timer)
  }

  /** Nothing of it counts any more; its last picture stands until it is closed. */
  unwatch(): void {
    this.#isWatched = false
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
  }

  close(reason: string): void {
    this.unwatch()
    void this.peer.close(reason)
  }

  #watch(): void {
    const { connection } = this.peer
    const { clock, onChange } = this.#options
    const picture = awaitFirstPicture({
      connection,
      clock,
      onShows: ({ path = 'direct' }) => {
        this.#progress = 'shows'
        this.#kind = path
        onChange()
      },
    })
    const flow = watchFlow({
      clock,
      amount: async () => receivedAmount(await connection.getStats()),
      silentMs,
      onFlow: (now) => this.#flows(now),
    })
    this.#timers.add(picture).add(flow)
    // ICE may know before it shows in what comes: Firefox says at once that the network has gone or is another one.
    connection.addEventListener('connectionstatechange', () => {
      if (!this.#isWatched) return
      if (connection.connectionState === 'disconnected') this.#flows('doubtful')
      else if (connection.connectionState === 'connected' && this.#progress === 'doubtful') this.#flows('flowing')
    })
  }

  /** One that falls silent is kept until there is a picture by another way: it may be the first to be back. */
  #flows(flow: Flow): void {
    const { isCarrying, onChange, onDoubt, onFailed } = this.#options
    if (flow !== 'flowing') onDoubt()
    if (this.hasShown || isCarrying()) {
      this.#progress = flow === 'flowing' ? 'shows' : flow
      onChange()
    } else if (flow === 'silent') {
      onFailed(fellSilent())
    }
  }
}

export function fellSilent(): ClientError {
  return new ClientError('media-lost', 'Nothing came by WebRTC any more')
}
