import type { Clock, Timer } from '../../kernel/clock.ts'
import { unknownPeer, type EnetCommand, type EnetDatagram } from '../../wire/enet/enet-command.ts'
import { decodeEnetDatagram } from '../../wire/enet/enet-datagram.ts'
import { WireError } from '../../wire/wire-error.ts'
import { EnetPeer, type EnetAddress, type EnetArrival, type EnetLimits, type EnetVisitor } from './enet-peer.ts'

export interface EnetHostOptions {
  readonly clock: Clock
  readonly send: (bytes: Uint8Array, to: EnetAddress) => void
  /**
   * Who wants to come in, by what it said (`data` of the connect command). Undefined for a stranger, who gets no answer: whoever
   * forges an address cannot make this host send anything.
   */
  admit(data: number, from: EnetAddress, peer: () => EnetPeer): EnetVisitor | undefined
  /** 0 to 1. Numbers of peers are by chance: whoever forges an address does not know by which one to speak. */
  readonly random: () => number
  /** At once; those that come then get no answer. 64 unless given. */
  readonly mostPeers?: number
  readonly limits?: Partial<EnetLimits>
}

const defaultLimits: EnetLimits = { pingMs: 500, deadMs: 5000, goodbyeMs: 2500 }
const tickMs = 50

/**
 * The listening side of ENet 1.3, over datagrams that are given to it: connections, messages that are reliable and in order on each
 * channel, round trips, pings and ends. Written for the dialect of Moonlight's control stream: no checksum, no compression.
 */
export class EnetHost implements Disposable {
  readonly #options: EnetHostOptions
  readonly #limits: EnetLimits
  readonly #mostPeers: number
  readonly #peers = new Map<number, EnetPeer>()
  #timer: Timer | undefined
  #isClosed = false

  constructor(options: EnetHostOptions) {
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#mostPeers = options.mostPeers ?? 64
  }

  /** How many connections are open, or remembered for their goodbye. */
  get peerCount(): number {
    return this.#peers.size
  }

  /** False for what is no ENet, or for nobody: it was dropped. */
  receive(bytes: Uint8Array, from: EnetAddress): boolean {
    if (this.#isClosed) return false
    let datagram: EnetDatagram
    try {
      datagram = decodeEnetDatagram(bytes)
    } catch (error) {
      if (error instanceof WireError) return false
      throw error
    }
    const { peerId, session, sentTime, commands } = datagram
    if (peerId === unknownPeer) return this.#connect(commands, { sentTime, from, bytes: bytes.length })
    const peer = this.#peers.get(peerId)
    if (peer === undefined || session !== 0) return false
    peer.receive(commands, { sentTime, from, bytes: bytes.length })
    return true
  }

  /** Says goodbye to all, and takes nothing any more. */
  [Symbol.dispose](): void {
    this.#isClosed = true
    for (const peer of this.#peers.values()) peer.close(0)
    this.#peers.clear()
    this.#timer?.cancel()
  }

  #connect(commands: readonly EnetCommand[], arrival: EnetArrival): boolean {
    const { sentTime, from } = arrival
    const [connect, ...more] = commands
    if (connect?.type !== 'connect' || more.length > 0 || sentTime === undefined) return false
    const known = this.#peers
      .values()
      .find(
        ({ connectId, address }) =>
          connectId === connect.connectId && address.port === from.port && address.address === from.address,
      )
    if (known !== undefined) {
      // It asks again: our answer was lost, and is sent again when its time comes.
      known.receive(commands, arrival)
      return true
    }
    const id = this.#freeId()
    if (id === undefined) return false
    const peerOf = () => peer
    const visitor = this.#options.admit(connect.data, from, peerOf)
    if (visitor === undefined) return false
    const { clock, send } = this.#options
    const { type: _type, channel: _channel, sequence: _sequence, wantsAck: _wantsAck, data: _data, ...terms } = connect
    const peer = new EnetPeer({ clock, id, terms, address: from, visitor, limits: this.#limits, send })
    this.#peers.set(id, peer)
    this.#timer ??= clock.every(tickMs, () => this.#tick())
    peer.receive(commands, arrival)
    return true
  }

  /** Another number each time: what is late for one that has gone meets nobody. */
  #freeId(): number | undefined {
    if (this.#peers.size >= this.#mostPeers) return undefined
    let id = Math.floor(this.#options.random() * unknownPeer)
    while (this.#peers.has(id)) id = (id + 1) % unknownPeer
    return id
  }

  #tick(): void {
    for (const peer of this.#peers.values()) if (peer.tick()) this.#peers.delete(peer.id)
    if (this.#peers.size > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
