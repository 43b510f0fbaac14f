import { PlacesOfSources } from '../../http/places-of-sources.ts'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import { receiver } from '../../kernel/monitor/conversation-peer.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import type { TypedMonitor } from '../../kernel/monitor/typed-conversation.ts'
import type { Pipe } from '../../kernel/pipe.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import {
  decodeTunnelEntry,
  decodeTunnelled,
  encodeTunnelled,
  encodeTunnelText,
  partyTunnel,
  type TunnelEntry,
} from '../../wire/party/tunnel.ts'
import { WireError } from '../../wire/wire-error.ts'
import { PartyError } from '../contract/party-error.ts'
import type { PartyRegistry } from '../registry/party-registry.ts'
import type { Arrival } from './control-sockets.ts'
import { packetCostBytes, SharedRate, type RateShare } from '../../kernel/shared-rate.ts'

/** What goes through a control plane between its members; see {@link packetCostBytes} for what counts as a byte. */
export interface TunnelLimits {
  readonly inAll: number
  readonly perSource: number
  /** Of one member, a second. */
  readonly bytesOfEach: number
  /** Of all of them, a second. */
  readonly bytesInAll: number
}

export const usualTunnelLimits: TunnelLimits = {
  inAll: 256,
  perSource: 32,
  bytesOfEach: 2_500_000,
  bytesInAll: 10_000_000,
}

const plan = planConversation(partyTunnel, 'plane')
const entryMs = 10_000
/** Who is in it checks its paths every second; one that is gone without a word keeps no place. */
const silentMs = 60_000
const looksEveryMs = 15_000
/** What waits for a member longer is late; packets can be lost, and their sender hears of it. */
const mostUnsentBytes = 256 * 1024
const policyViolation = 1008
const tryAgainLater = 1013
const goingAway = 1001

interface Inside {
  readonly partyId: string
  readonly peerId: string
  readonly pipe: Pipe
  readonly watch: TypedMonitor<typeof partyTunnel, 'plane'>
  readonly share: RateShare
}

/**
 * The tunnel between members of one party who have no other way to each other. It is blind: packets are sealed from end to end and are handed on
 * unread, to members of the same party who have entered it too, and to nobody else. What is too much, or comes too fast, is lost.
 */
export class PartyTunnels implements Disposable {
  readonly #registry: PartyRegistry
  readonly #clock: Clock
  readonly #log: Log
  readonly #limits: TunnelLimits
  readonly #rate: SharedRate
  readonly #pipes = new Set<Pipe>()
  readonly #inside = new Map<string, Inside>()
  readonly #places = new PlacesOfSources()
  readonly #unsubscribe: Unsubscribe
  #handedOn = 0
  #dropped = 0

  constructor(options: { registry: PartyRegistry; clock: Clock; log: Log; limits?: TunnelLimits | undefined }) {
    const { registry, clock, log, limits = usualTunnelLimits } = options
    this.#registry = registry
    this.#clock = clock
    this.#log = log
    this.#limits = limits
    this.#rate = new SharedRate({ inAll: limits.bytesInAll, each: limits.bytesOfEach, nowMs: () => clock.nowMs() })
    this.#unsubscribe = registry.events.subscribe((event) => {
      if (event.type === 'peer-left') this.#showOut(event.partyId, event.peerId)
      else if (event.type === 'party-ended') for (const id of event.peerIds) this.#showOut(event.partyId, id)
    })
  }

  /** Packets that went through, and those that were lost here. */
  get counts(): { readonly members: number; readonly handedOn: number; readonly dropped: number } {
    return { members: this.#inside.size, handedOn: this.#handedOn, dropped: this.#dropped }
  }

  /** Takes over a conversation. */
  accept(pipe: Pipe, { source, onIntroduced }: Pick<Arrival, 'source' | 'onIntroduced'>): void {
    const { inAll, perSource } = this.#limits
    if (this.#pipes.size >= inAll || this.#places.heldBy(source) >= perSource) {
      return pipe.close(tryAgainLater, 'There are too many in the tunnel')
    }
    this.#pipes.add(pipe)
    void pipe.closed.then(this.#places.take(source))
    void pipe.closed.then(() => this.#pipes.delete(pipe))
    const watch = new ConversationMonitor(plan)
    let inside: Inside | undefined
    let heardMs = this.#clock.nowMs()
    const entry = this.#clock.after(entryMs, () => pipe.close(policyViolation, 'Wanted an entry'))
    const looking = this.#clock.every(looksEveryMs, () => {
      if (this.#clock.nowMs() - heardMs > silentMs) pipe.close(undefined, 'silent')
    })
    void pipe.closed.then(() => {
      entry.cancel()
      looking.cancel()
    })
    const receive = receiver(partyTunnel, 'plane', watch, {
      enter: (said) => {
        entry.cancel()
        inside = this.#enter(said, pipe, watch)
        if (inside) onIntroduced?.(said.peer_id, true)
      },
      packet: (frame) => inside && this.#handOn(frame, inside),
    })
    pipe.listen({
      message: (message) => {
        heardMs = this.#clock.nowMs()
        this.#guard(pipe, () => {
          if (typeof message === 'string') receive('enter', decodeTunnelEntry(message))
          else receive('packet', message)
        })
      },
      fault: (_code, message) => pipe.close(policyViolation, message),
    })
  }

  /** Ends all of them. */
  [Symbol.dispose](): void {
    this.#unsubscribe()
    for (const pipe of this.#pipes) pipe.close(goingAway, 'The control plane is stopping')
  }

  /** Undefined where they were refused, which was told. */
  #enter(said: TunnelEntry, pipe: Pipe, watch: Inside['watch']): Inside | undefined {
    const { party_id: partyId, peer_id: peerId, token } = said
    const answer = (message: Parameters<typeof encodeTunnelText>[0] & { type: 'entered' | 'refused' }) => {
      watch.sent(message.type)
      pipe.send(encodeTunnelText(message))
    }
    try {
      if (this.#registry.tokens.peerOf(token) !== peerId) {
        throw new PartyError('not-yours', 'The token is of another peer')
      }
      if (!this.#isMember(partyId, peerId)) throw new PartyError('not-a-member', 'Only members of the party may enter')
    } catch (error) {
      if (!(error instanceof PartyError)) throw error
      answer({ type: 'refused', code: error.code, message: error.message })
      pipe.close(policyViolation, error.message)
      return undefined
    }
    const key = keyOf(partyId, peerId)
    const inside: Inside = { partyId, peerId, pipe, watch, share: this.#rate.join() }
    // Who comes back is not kept out by a socket that has not noticed yet that it is dead.
    this.#inside.get(key)?.pipe.close(1000, 'Another connection of this peer has come')
    this.#inside.set(key, inside)
    void pipe.closed.then(() => {
      inside.share.leave()
      if (this.#inside.get(key) === inside) this.#inside.delete(key)
    })
    answer({ type: 'entered' })
    return inside
  }

  /** Throws WireError for what is no packet. */
  #handOn(frame: Uint8Array, { partyId, peerId, share }: Inside): void {
    const { peerId: to, packet } = decodeTunnelled(frame)
    const target = this.#inside.get(keyOf(partyId, to))
    const isTaken =
      share.take(frame.length + packetCostBytes) &&
      target !== undefined &&
      target.pipe.open &&
      target.pipe.buffered <= mostUnsentBytes
    if (!isTaken) {
      this.#dropped++
      return
    }
    this.#handedOn++
    target.watch.sent('packet')
    target.pipe.send(encodeTunnelled({ peerId, packet }))
  }

  #isMember(partyId: string, peerId: string): boolean {
    return this.#registry.party(partyId).peers.has(peerId)
  }

  #showOut(partyId: string, peerId: string): void {
    this.#inside.get(keyOf(partyId, peerId))?.pipe.close(1000, 'This peer is not in the party any more')
  }

  #guard(pipe: Pipe, call: () => void): void {
    try {
      call()
    } catch (error) {
      if (!(error instanceof ProtocolViolation) && !(error instanceof WireError)) throw error
      this.#log.debug('A member breaks the rules of the tunnel', { error: messageOf(error) })
      pipe.close(policyViolation, messageOf(error))
    }
  }
}

/** No id has a space. */
function keyOf(partyId: string, peerId: string): string {
  return `${partyId} ${peerId}`
}
