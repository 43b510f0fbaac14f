import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import { isUp } from './connection-state.ts'
import type { PeerConnections, PeerListener } from './peer-connections.ts'

/** How often is looked who is reached by others' machines now: a packet costs one look into a set. */
const lookEveryMs = 500

/** What went to and from a peer by a relay, or through the control plane, since this end has known it. */
export interface RelayedBytes {
  readonly sentBytes: number
  readonly receivedBytes: number
}

interface Counted {
  sentBytes: number
  receivedBytes: number
}

/** The connections to peers, and how much of what they carry goes by somebody else's machine. */
export class RelayedTraffic implements Disposable {
  readonly #connections: Pick<PeerConnections, 'send' | 'listen' | 'reach'>
  readonly #timer: Timer
  /** Those who are reached that way now, with what has gone so far. */
  readonly #relayed = new Map<string, Counted>()
  readonly #counts = new Map<string, Counted>()

  constructor(connections: Pick<PeerConnections, 'send' | 'listen' | 'reach'>, clock: Clock) {
    this.#connections = connections
    this.#timer = clock.every(lookEveryMs, () => this.#look())
  }

  send(peerId: string, bytes: Uint8Array): boolean {
    const { length } = bytes
    const isSent = this.#connections.send(peerId, bytes)
    const counted = this.#relayed.get(peerId)
    if (isSent && counted) counted.sentBytes += length
    return isSent
  }

  listen(listener: PeerListener): Unsubscribe {
    return this.#connections.listen((peerId, bytes) => {
      const { length } = bytes
      if (!listener(peerId, bytes)) return false
      const counted = this.#relayed.get(peerId)
      if (counted) counted.receivedBytes += length
      return true
    })
  }

  of(peerId: string): RelayedBytes {
    return this.#counts.get(peerId) ?? { sentBytes: 0, receivedBytes: 0 }
  }

  [Symbol.dispose](): void {
    this.#timer.cancel()
  }

  #look(): void {
    const { reach } = this.#connections
    this.#relayed.clear()
    const known = new Set<string>()
    for (const { peerId, state } of reach) {
      known.add(peerId)
      if (!isUp(state) || state.kind === 'direct') continue
      let counted = this.#counts.get(peerId)
      if (!counted) this.#counts.set(peerId, (counted = { sentBytes: 0, receivedBytes: 0 }))
      this.#relayed.set(peerId, counted)
    }
    for (const peerId of this.#counts.keys()) if (!known.has(peerId)) this.#counts.delete(peerId)
  }
}
