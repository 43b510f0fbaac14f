import { peerChannel, unknownPeer, type EnetBody, type EnetCommand } from '../../../src/wire/enet/enet-command.ts'
import { decodeEnetDatagram, encodeEnetDatagram } from '../../../src/wire/enet/enet-datagram.ts'

/** The connecting side of ENet, written from the protocol, of nothing that the host is made of but the codec. */
export class EnetClient {
  /** Whole messages of channel 0, in order. */
  readonly heard: Uint8Array[] = []
  readonly #send: (bytes: Uint8Array) => void
  readonly #nowMs: () => number
  readonly #connectId: number
  readonly #sequences = new Map<number, number>()
  readonly #early = new Map<number, Uint8Array>()
  #unacknowledged: { command: EnetCommand; sentMs: number }[] = []
  #next = 1
  hostId = unknownPeer
  goodbye: number | undefined

  constructor(options: { send: (bytes: Uint8Array) => void; nowMs: () => number; connectId: number }) {
    this.#send = options.send
    this.#nowMs = options.nowMs
    this.#connectId = options.connectId
  }

  get unacknowledged(): number {
    return this.#unacknowledged.length
  }

  connect(data: number): void {
    this.push(peerChannel, {
      type: 'connect',
      outgoingPeerId: 0,
      incomingSession: 0xff,
      outgoingSession: 0xff,
      mtu: 900,
      windowBytes: 65_536,
      channels: 48,
      incomingBytesPerS: 0,
      outgoingBytesPerS: 0,
      throttle: { intervalMs: 5000, acceleration: 2, deceleration: 2 },
      connectId: this.#connectId,
      data,
    })
  }

  push(channel: number, body: EnetBody): void {
    const sequence = (this.#sequences.get(channel) ?? 0) + 1
    this.#sequences.set(channel, sequence)
    const command: EnetCommand = { channel, sequence, wantsAck: true, ...body }
    this.#unacknowledged.push({ command, sentMs: this.#nowMs() })
    this.#transmit(command)
  }

  /** Sends again what was not acknowledged; to be called a few times a second. */
  tick(): void {
    const nowMs = this.#nowMs()
    for (const sent of this.#unacknowledged) {
      if (nowMs - sent.sentMs < 200 || (this.hostId === unknownPeer && sent.command.type !== 'connect')) continue
      sent.sentMs = nowMs
      this.#transmit(sent.command)
    }
  }

  /** Says that it is there, without wanting an answer. */
  beat(): void {
    this.#transmit({ type: 'ping', channel: peerChannel, sequence: 0, wantsAck: false })
  }

  receive(bytes: Uint8Array): void {
    const { commands, sentTime = 0 } = decodeEnetDatagram(bytes)
    for (const command of commands) {
      const { channel, sequence } = command
      if (command.type === 'acknowledge') {
        this.#unacknowledged = this.#unacknowledged.filter(
          ({ command: own }) => own.channel !== channel || own.sequence !== command.acknowledged,
        )
      }
      if (command.type === 'verify-connect') this.hostId = command.outgoingPeerId
      if (command.type === 'disconnect') this.goodbye = command.data
      if (command.type === 'reliable') this.#early.set(sequence, Uint8Array.from(command.data))
      if (command.wantsAck) {
        this.#transmit({ type: 'acknowledge', channel, sequence, wantsAck: false, acknowledged: sequence, sentTime })
      }
    }
    for (let data = this.#early.get(this.#next); data !== undefined; data = this.#early.get(this.#next)) {
      this.heard.push(data)
      this.#early.delete(this.#next++)
    }
  }

  #transmit(command: EnetCommand): void {
    const peerId = command.type === 'connect' ? unknownPeer : this.hostId
    const sentTime = Math.floor(this.#nowMs()) & 0xffff
    this.#send(encodeEnetDatagram({ peerId, session: 0, sentTime, commands: [command] }))
  }
}
