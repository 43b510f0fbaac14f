import { Backoff } from '../../kernel/backoff.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import { receiver } from '../../kernel/monitor/conversation-peer.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import type { TypedMonitor } from '../../kernel/monitor/typed-conversation.ts'
import type { Pipe } from '../../kernel/pipe.ts'
import type { Carrier } from '../../net/paths/path.ts'
import { Tunnel } from '../../net/reach/tunnel.ts'
import {
  decodeTunnelAnswer,
  decodeTunnelled,
  encodeTunnelled,
  encodeTunnelText,
  mostTunnelledBytes,
  partyTunnel,
} from '../../wire/party/tunnel.ts'
import { WireError } from '../../wire/wire-error.ts'

/** The port of a control plane, by which packets go where no other way leads. */
export interface TunnelDoor {
  /** A WebSocket for the tunnel, and the right to enter it. Rejects with what is told to people. */
  open(): Promise<{
    readonly pipe: Pipe
    readonly token: string
    /** Of the control plane, for people: `https://party.example`. */
    readonly where: string
  }>
}

/** What one of those who use it is told. */
export interface TunnelUser {
  /** It carries to that peer from now on, as soon as the peer is in it too. */
  readonly onOpen: (carrier: Carrier) => void
  readonly onGone: (carrier: Carrier) => void
  /** The bytes are the user's own. */
  readonly onPacket: (bytes: Uint8Array, by: Carrier) => void
}

const plan = planConversation(partyTunnel, 'member')
const again = { baseDelayMs: 500, maxDelayMs: 30_000, jitterFactor: 0.3, healthyAfterMs: 30_000 }
/** What waits longer is late; sealed packets can be lost, and their sender hears of it. */
const mostUnsentBytes = 256 * 1024
const protocolError = 1002

interface Entered {
  readonly pipe: Pipe
  readonly watch: TypedMonitor<typeof partyTunnel, 'member'>
  readonly where: string
}

/**
 * This machine's place in its party's tunnel: one WebSocket for all peers that take it, open while there is one that does, and opened again
 * when it is cut.
 */
export class TunnelSocket implements Disposable {
  readonly #door: TunnelDoor
  readonly #partyId: string
  readonly #ownId: string
  readonly #clock: Clock
  readonly #log: Log
  readonly #backoff: Backoff
  readonly #users = new Map<string, { readonly user: TunnelUser; carrier: Carrier | undefined }>()
  #pipe: Pipe | undefined
  #entered: Entered | undefined
  #timer: Timer | undefined
  #isOpening = false

  constructor(options: {
    readonly door: TunnelDoor
    readonly partyId: string
    readonly ownId: string
    readonly clock: Clock
    readonly random: () => number
    readonly log: Log
  }) {
    this.#door = options.door
    this.#partyId = options.partyId
    this.#ownId = options.ownId
    this.#clock = options.clock
    this.#log = options.log
    this.#backoff = new Backoff(again, options.clock, options.random)
  }

  /** Carries to that peer until it is left, which the function does that is returned. */
  use(peerId: string, user: TunnelUser): () => void {
    const entry = { user, carrier: undefined }
    this.#users.set(peerId, entry)
    if (this.#entered) this.#begin(peerId, this.#entered)
    else this.#connect()
    return () => {
      if (this.#users.get(peerId) !== entry) return
      this.#users.delete(peerId)
      if (entry.carrier) user.onGone(entry.carrier)
      if (this.#users.size === 0) this.#leave()
    }
  }

  [Symbol.dispose](): void {
    this.#users.clear()
    this.#leave()
  }

  #leave(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#entered = undefined
    this.#pipe?.close(1000, 'done')
    this.#pipe = undefined
  }

  #connect(): void {
    if (this.#isOpening || this.#pipe || this.#timer) return
    this.#isOpening = true
    this.#door
      .open()
      .then((opened) => {
        this.#isOpening = false
        if (this.#users.size === 0) opened.pipe.close(1000, 'done')
        else this.#enter(opened)
      })
      .catch((error: unknown) => {
        this.#isOpening = false
        this.#log.debug('The tunnel of the party cannot be entered now', { why: messageOf(error) })
        this.#later()
      })
  }

  #enter({ pipe, token, where }: Awaited<ReturnType<TunnelDoor['open']>>): void {
    const watch = new ConversationMonitor(plan)
    this.#pipe = pipe
    const receive = receiver(partyTunnel, 'member', watch, {
      entered: () => {
        const entered = { pipe, watch, where }
        this.#entered = entered
        this.#backoff.succeeded()
        for (const peerId of this.#users.keys()) this.#begin(peerId, entered)
      },
      refused: ({ code, message }) =>
        this.#log.info('The tunnel of the party does not let this host in', { code, message }),
      packet: (frame) => this.#came(frame),
    })
    pipe.listen({
      message: (message) => {
        if (this.#pipe !== pipe) return
        this.#guard(pipe, () => {
          if (typeof message !== 'string') return receive('packet', message)
          const said = decodeTunnelAnswer(message)
          receive(said.type, said as never)
        })
      },
      fault: (_code, message) => pipe.close(protocolError, message),
    })
    void pipe.closed.then(() => this.#cut(pipe))
    watch.sent('enter')
    const who = { party_id: this.#partyId, peer_id: this.#ownId, token }
    pipe.send(encodeTunnelText({ type: 'enter', ...who }))
  }

  #begin(peerId: string, { where }: Entered): void {
    const entry = this.#users.get(peerId)
    if (!entry) return
    const origin = `tunnel ${peerId}`
    entry.carrier = new Tunnel({ where, origin, send: (packet) => this.#send(peerId, packet) })
    entry.user.onOpen(entry.carrier)
  }

  #send(peerId: string, packet: Uint8Array): boolean {
    const entered = this.#entered
    if (!entered?.pipe.open || entered.pipe.buffered > mostUnsentBytes || packet.length > mostTunnelledBytes)
      return false
    entered.watch.sent('packet')
    entered.pipe.send(encodeTunnelled({ peerId, packet }))
    return true
  }

  #came(frame: Uint8Array): void {
    const { peerId, packet } = decodeTunnelled(frame)
    const { user, carrier } = this.#users.get(peerId) ?? {}
    if (user && carrier) user.onPacket(packet, carrier)
  }

  #cut(pipe: Pipe): void {
    if (this.#pipe !== pipe) return
    this.#pipe = undefined
    this.#entered = undefined
    for (const entry of this.#users.values()) {
      if (entry.carrier) entry.user.onGone(entry.carrier)
      entry.carrier = undefined
    }
    this.#later()
  }

  #later(): void {
    if (this.#users.size === 0) return
    this.#timer = this.#clock.after(this.#backoff.failed(), () => {
      this.#timer = undefined
      if (this.#users.size > 0) this.#connect()
    })
  }

  /** A control plane that breaks the protocol loses the socket; what goes by other ways is not its concern. */
  #guard(pipe: Pipe, call: () => void): void {
    try {
      call()
    } catch (error) {
      if (!(error instanceof ProtocolViolation) && !(error instanceof WireError)) throw error
      pipe.close(protocolError, messageOf(error))
    }
  }
}
