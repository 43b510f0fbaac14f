import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import type { PartyChange, PartyPeerView, PartyView } from '../../wire/api/party.ts'
import type { PartyNetworkView } from '../../wire/api/party-network.ts'

/** Changes that come at once are told once. */
const togetherMs = 200
/** Of JSON in one go, so that no listener's stream fills up; what is more is told in the next one. */
const mostChars = 64 * 1024

interface PartyChangesOptions {
  readonly view: () => PartyView
  /** Undefined where there is no network of parties. */
  readonly network: (() => Promise<PartyNetworkView>) | undefined
  readonly isHeard: () => boolean
  readonly tell: (change: PartyChange) => void
  readonly clock: Clock
  readonly log: Log
}

/** Tells those who listen what is different of the party, part by part, so that nobody has to ask again and again. */
export class PartyChanges implements Disposable {
  readonly #options: PartyChangesOptions
  /** Each part as it was told last, while somebody listens: who comes later has asked for all of it. */
  readonly #told = new Map<string, string>()
  #timer: Timer | undefined
  #isLooking = false
  #isDisposed = false

  constructor(options: PartyChangesOptions) {
    this.#options = options
  }

  /** Something may be different. Costs next to nothing while nobody listens. */
  touch(): void {
    if (this.#isDisposed) return
    this.#timer ??= this.#options.clock.after(togetherMs, () => {
      this.#timer = undefined
      void this.#look()
    })
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true
    this.#timer?.cancel()
    this.#told.clear()
  }

  async #look(): Promise<void> {
    const { isHeard, log } = this.#options
    if (!isHeard()) return this.#told.clear()
    // One look at a time: the network is asked of programs that take their time.
    if (this.#isLooking) return this.touch()
    this.#isLooking = true
    try {
      await this.#tellParts()
    } catch (error) {
      log.warn('What is different of the party cannot be told', { why: messageOf(error) })
    } finally {
      this.#isLooking = false
    }
  }

  async #tellParts(): Promise<void> {
    const { view, network } = this.#options
    let left = mostChars
    const tell = (part: string, change: PartyChange) => {
      const text = JSON.stringify(change)
      if (this.#told.get(part) === text || left <= 0 || this.#isDisposed) return
      left -= text.length
      this.#told.set(part, text)
      this.#options.tell(change)
    }
    const { peers, ...party } = view()
    const here = new Set(peers.map(({ id }) => partOf(id)))
    for (const part of this.#told.keys()) {
      if (!part.startsWith(peerPrefix) || here.has(part)) continue
      this.#told.delete(part)
      this.#options.tell({ of: 'peer-left', peerId: part.slice(peerPrefix.length) })
    }
    tell('party', { of: 'party', party })
    for (const peer of peers) tell(partOf(peer.id), { of: 'peer', peer: newest(peer) })
    if (network) tell('network', { of: 'network', network: await network() })
    if (left <= 0) this.touch()
  }
}

const peerPrefix = 'peer '

function partOf(peerId: string): string {
  return peerPrefix + peerId
}

function newest(peer: PartyPeerView): PartyPeerView {
  return { ...peer, latencies: peer.latencies.slice(-1) }
}
