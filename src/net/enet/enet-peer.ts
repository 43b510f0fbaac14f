import type { Clock } from '../../kernel/clock.ts'
import { peerChannel, type EnetCommand, type EnetTerms } from '../../wire/enet/enet-command.ts'
import { encodeEnetDatagram, enetCommandBytes, enetHeadBytes, mostEnetBytes } from '../../wire/enet/enet-datagram.ts'
import { OrderedReceiving } from './ordered-receiving.ts'
import { ReliableSending } from './reliable-sending.ts'

/** Where a peer is. */
export interface EnetAddress {
  readonly address: string
  readonly port: number
}

/** How a datagram came. */
export interface EnetArrival {
  readonly from: EnetAddress
  readonly bytes: number
  /** As it says itself. */
  readonly sentTime: number | undefined
}

/** Why a connection is over: the peer said so, we did, or nothing was acknowledged any more. */
export type EnetEnd = 'disconnected' | 'closed' | 'timed-out'

/** What is told of a peer, and asked about it, by whoever has let it in. */
export interface EnetVisitor {
  /** A whole message; reliable ones come once and in order. Data are views that change afterwards. */
  onMessage(channel: number, data: Uint8Array): void
  /**
   * Whether this message is really the peer's although it came from another address: only then the peer is taken to have moved.
   * Who cannot tell says false.
   */
  recognises(data: Uint8Array): boolean
  onEnd(end: EnetEnd): void
}

interface EnetPeerOptions {
  readonly clock: Clock
  readonly id: number
  readonly terms: EnetTerms
  readonly address: EnetAddress
  readonly visitor: EnetVisitor
  readonly limits: EnetLimits
  readonly send: (bytes: Uint8Array, to: EnetAddress) => void
}

export interface EnetLimits {
  /** Without a word in this time a peer is asked whether it is there. */
  readonly pingMs: number
  /** A peer that has acknowledged nothing for so long, and said nothing, is gone. */
  readonly deadMs: number
  /** So long the goodbye of a peer that has gone is still acknowledged, and ours is tried. */
  readonly goodbyeMs: number
}

/** Bytes out for each byte in, before a peer has shown that it hears us. */
const mostAmplification = 3

type State = { readonly name: 'open' } | { readonly name: 'leaving' | 'ended'; readonly untilMs: number }

/** One connection of an {@link EnetHost}. */
export class EnetPeer {
  readonly id: number
  /** What the peer gave when it connected; a second attempt of the same client has another. */
  readonly connectId: number
  readonly visitor: EnetVisitor
  readonly #options: EnetPeerOptions
  readonly #sending: ReliableSending
  readonly #receiving = new Map<number, OrderedReceiving>()
  readonly #channels: number
  readonly #mtu: number
  #address: EnetAddress
  #state: State = { name: 'open' }
  #acks: EnetCommand[] = []
  #heardMs: number
  #group = 0
  /** Whoever forges an address gets others at most so much as it has sent: until something was acknowledged, which nobody does unheard. */
  #unproved: { received: number; sent: number } | undefined = { received: 0, sent: 0 }

  constructor(options: EnetPeerOptions) {
    const { clock, id, terms, address, visitor } = options
    this.#options = options
    this.id = id
    this.connectId = terms.connectId
    this.visitor = visitor
    this.#address = address
    this.#channels = Math.min(255, Math.max(1, terms.channels))
    this.#mtu = Math.min(mostEnetBytes, Math.max(576, terms.mtu))
    this.#sending = new ReliableSending({ clock, windowBytes: Math.max(4096, terms.windowBytes) })
    this.#heardMs = clock.nowMs()
    const { outgoingPeerId: _theirs, ...echoed } = terms
    this.#sending.push(peerChannel, {
      type: 'verify-connect',
      ...echoed,
      outgoingPeerId: id,
      incomingSession: 0,
      outgoingSession: 0,
      mtu: this.#mtu,
    })
  }

  get address(): EnetAddress {
    return this.#address
  }

  /** Undefined before the first acknowledgement. */
  get roundTripMs(): number | undefined {
    return this.#sending.roundTrip.smoothedMs
  }

  get isOpen(): boolean {
    return this.#state.name === 'open'
  }

  /** False when too much waits already, or the peer is gone: nothing was taken. Throws RangeError for more than a datagram. */
  send(channel: number, data: Uint8Array): boolean {
    if (data.length > this.#mtu - 64) throw new RangeError(`Cannot send ${data.length} bytes in one datagram`)
    const taken = this.isOpen && this.#sending.push(channel, { type: 'reliable', data })
    if (taken) this.flush()
    return taken
  }

  /** Says goodbye; the visitor hears of the end at once. */
  close(data: number): void {
    if (!this.isOpen) return
    this.#sending.push(peerChannel, { type: 'disconnect', data })
    this.#end('leaving', 'closed')
    this.flush()
  }

  /** All of a datagram that is for this peer. */
  receive(commands: readonly EnetCommand[], { sentTime, from, bytes }: EnetArrival): void {
    if (this.#unproved) this.#unproved.received += bytes
    if (!isSame(from, this.#address)) {
      if (
        !commands.some(
          (command) => 'data' in command && typeof command.data === 'object' && this.visitor.recognises(command.data),
        )
      ) {
        return
      }
      this.#address = from
    }
    this.#heardMs = this.#options.clock.nowMs()
    for (const command of commands) this.#take(command, sentTime)
    this.flush()
  }

  /** What time brings: things sent again, pings, the end. True when nothing is left to be remembered. */
  tick(): boolean {
    const nowMs = this.#options.clock.nowMs()
    if (this.#state.name !== 'open') {
      if (nowMs >= this.#state.untilMs || (this.#state.name === 'leaving' && this.#sending.isEmpty)) return true
    } else if (this.#isGone(nowMs)) {
      this.#end('ended', 'timed-out')
      return true
    } else if (nowMs - this.#heardMs >= this.#options.limits.pingMs && this.#sending.isEmpty) {
      this.#sending.push(peerChannel, { type: 'ping' })
    }
    this.flush()
    return false
  }

  /** It acknowledges nothing and says nothing any more; one that only says something hears nothing of us, and has longer. */
  #isGone(nowMs: number): boolean {
    const { deadMs } = this.#options.limits
    const { silentMs } = this.#sending
    return (silentMs >= deadMs && nowMs - this.#heardMs >= deadMs) || silentMs >= 6 * deadMs
  }

  /** Sends what has to leave, as few datagrams as possible. */
  flush(): void {
    const commands = [...this.#acks, ...this.#sending.due()]
    this.#acks = []
    let first = 0
    let bytes = enetHeadBytes
    for (const [index, command] of commands.entries()) {
      const commandBytes = enetCommandBytes(command)
      if (bytes + commandBytes > this.#mtu && index > first) {
        this.#sendDatagram(commands.slice(first, index))
        first = index
        bytes = enetHeadBytes
      }
      bytes += commandBytes
    }
    if (commands.length > first) this.#sendDatagram(commands.slice(first))
  }

  #sendDatagram(commands: readonly EnetCommand[]): void {
    const { clock, terms, send } = this.#options
    const sentTime = Math.floor(clock.nowMs()) & 0xffff
    const datagram = encodeEnetDatagram({ peerId: terms.outgoingPeerId, session: 0, sentTime, commands })
    if (this.#unproved) {
      // What is reliable is tried again, and has its turn when more has come.
      if (this.#unproved.sent + datagram.length > mostAmplification * this.#unproved.received) return
      this.#unproved.sent += datagram.length
    }
    send(datagram, this.#address)
  }

  #take(command: EnetCommand, sentTime: number | undefined): void {
    if (command.type === 'acknowledge') {
      if (this.#sending.onAcknowledged(command.channel, command.acknowledged, command.sentTime))
        this.#unproved = undefined
      return
    }
    if (command.channel !== peerChannel && command.channel >= this.#channels) return
    const messages = this.#messagesOf(command)
    if (messages === undefined) return
    if (command.wantsAck && sentTime !== undefined && this.#acks.length < 64) {
      const { channel, sequence } = command
      this.#acks.push({ type: 'acknowledge', channel, sequence, wantsAck: false, acknowledged: sequence, sentTime })
    }
    for (const data of messages) if (this.isOpen) this.visitor.onMessage(command.channel, data)
    if (command.type === 'disconnect') this.#end('ended', 'disconnected')
  }

  /** Undefined when there is no room for it: it is not acknowledged, and comes again. */
  #messagesOf(command: EnetCommand): readonly Uint8Array[] | undefined {
    switch (command.type) {
      case 'reliable':
        return this.#channel(command.channel).take(command.sequence, command.data)
      case 'fragment':
        return this.#channel(command.channel).takeFragment(command.sequence, command)
      case 'unsequenced':
        return this.#isNewGroup(command.group) ? [command.data] : []
      case 'unreliable':
        return [command.data]
      default:
        return []
    }
  }

  #channel(channel: number): OrderedReceiving {
    const known = this.#receiving.get(channel)
    if (known) return known
    const made = new OrderedReceiving()
    this.#receiving.set(channel, made)
    return made
  }

  /** What is not in order is taken only when it is newer than all before: late status is of no use to anybody. */
  #isNewGroup(group: number): boolean {
    const ahead = (group - this.#group) & 0xffff
    if (ahead === 0 || ahead >= 0x8000) return false
    this.#group = group
    return true
  }

  #end(name: 'leaving' | 'ended', end: EnetEnd): void {
    if (!this.isOpen) return
    this.#state = { name, untilMs: this.#options.clock.nowMs() + this.#options.limits.goodbyeMs }
    this.visitor.onEnd(end)
  }
}

function isSame(one: EnetAddress, other: EnetAddress): boolean {
  return one.port === other.port && one.address === other.address
}
