import type { Clock } from '../../../src/kernel/clock.ts'
import type { Pipe } from '../../../src/kernel/pipe.ts'
import { BitrateController } from '../../../src/net/congestion/bitrate-controller.ts'
import type { SecureLink } from '../../../src/net/native/secure-link.ts'
import { pipeOnStream } from '../../../src/net/streams/stream-pipe.ts'
import { StreamError } from '../../../src/net/streams/stream-error.ts'
import { Transport } from '../../../src/net/streams/transport.ts'
import { encodeKeysMessage } from '../../../src/wire/input/keys-message.ts'
import { PointerSender } from '../../../src/wire/input/pointer-message.ts'
import { encodeAdmission } from '../../../src/wire/native/admission.ts'
import { datagramKinds } from '../../../src/wire/native-frames/frame.ts'
import type { ClientMessage } from '../../../src/wire/signal/messages.ts'
import { SignallingWords } from '../fuzz/signalling-words.ts'
import { noise, SpoilingChannel, type Malice } from './spoiling.ts'

/** What may be said at nearly any time, and what mostly may not. */
const usual: readonly ClientMessage['type'][] = ['join', 'leave', 'limit', 'shape', 'web-media', 'deliver', 'ping']
const unusual: readonly ClientMessage['type'][] = [
  'lead',
  'reconnect',
  'clipboard-follow',
  'clipboard-write',
  'clipboard-taken',
  'pong',
  'candidate',
  'offer',
  'bye',
]
const ratios = [0, 0, 0, 0.02, 0.1, 0.5]

/**
 * A peer with valid keys that means no good: on a channel of its own it is let in, or tries to be, and then says by chance what a client
 * says and what none does, on every layer at once.
 */
export class NativeFoe {
  readonly #link: SecureLink
  readonly #channel: SpoilingChannel
  readonly #transport: Transport
  readonly #conversation: Pipe
  readonly #words: SignallingWords
  readonly #pointers = new PointerSender()
  readonly #malice: Malice
  #keys: Pipe | undefined

  constructor(link: SecureLink, options: { clock: Clock; malice: Malice; lobbyId: string; token?: string }) {
    const { clock, malice, lobbyId, token = 'x'.repeat(43) } = options
    this.#link = link
    this.#malice = malice
    this.#channel = new SpoilingChannel(link, clock, malice)
    this.#words = new SignallingWords({ lobbyId, pick: (below) => this.#pick(below) })
    this.#transport = new Transport({
      channel: this.#channel,
      clock,
      isCaller: true,
      controller: new BitrateController(),
      events: { stream() {}, datagram() {}, missing() {}, keyWanted() {}, reported() {} },
    })
    this.#conversation = pipeOnStream(this.#transport.openStream(), { maxMessageBytes: 1 << 20 })
    this.#conversation.listen({ message: () => {}, fault: () => {} })
    this.#comeIn(token)
  }

  get isOpen(): boolean {
    return this.#link.isOpen
  }

  /** Why its channel is over, once it is. */
  get reason(): string {
    const { cause = '', reason = '' } = this.#link.ending ?? {}
    return `${cause} ${reason}`
  }

  /** Datagrams that it has said so far. */
  get sent(): number {
    return this.#channel.sent
  }

  /** One thing more. */
  act(): void {
    const { random } = this.#malice
    switch (this.#pick(16)) {
      case 0:
        this.#malice.ratio = ratios[this.#pick(ratios.length)] ?? 0
        return
      case 1:
      case 2:
      case 3: {
        const labels = this.#pick(20) === 0 ? unusual : usual
        return this.#say(JSON.stringify(this.#words.make(labels[this.#pick(labels.length)] ?? 'ping')))
      }
      case 4:
        if (this.#pick(20) > 0) return
        return this.#say(
          this.#pick(2) === 0 ? String.fromCharCode(this.#pick(0xffff)) : noise(random, this.#pick(2000)),
        )
      case 5:
        return this.#say(JSON.stringify({ type: 'web-media', codecs: ['h264'], audio: this.#pick(2) === 0 }))
      case 6:
      case 7: {
        const key = { type: 'key', code: 'KeyA', key: 'a', down: this.#pick(2) === 0 } as const
        return this.#key(this.#pick(10) > 0 ? encodeKeysMessage(key) : noise(random, this.#pick(80)))
      }
      case 8: {
        const pointer = this.#pointers.encode({ type: 'pointer', x: random(), y: random() })
        return void this.#transport.send('input', this.#pick(8) > 0 ? pointer : noise(random, this.#pick(60)))
      }
      case 9: {
        const kind = datagramKinds[this.#pick(datagramKinds.length)] ?? 'audio'
        return void this.#transport.send(kind, noise(random, this.#pick(1000)))
      }
      case 10: {
        const step = 1 + this.#pick(9)
        return this.#transport.askAgain(Array.from({ length: 1 + this.#pick(100) }, (_, at) => at * step))
      }
      case 11:
        for (let times = this.#pick(30); times > 0; times--) this.#transport.askForKey()
        return
      case 12:
        return void this.#transport.pad(this.#pick(1200))
      case 13:
        if (this.#pick(4) === 0) this.#channel.madeUp()
        return
      case 14:
        return this.#open()
      default:
        return this.#link.confirm()
    }
  }

  async close(): Promise<void> {
    await this.#transport.close()
  }

  #pick(below: number): number {
    return Math.floor(this.#malice.random() * below)
  }

  #comeIn(token: string): void {
    const ways = [
      encodeAdmission({ type: 'knock' }),
      encodeAdmission({ type: 'prove', token, device: 'A foe' }),
      encodeAdmission({ type: 'redeem', invitation: token, name: 'Foe', device: 'A foe', pin: '0000' }),
    ]
    if (this.#pick(12) === 0)
      this.#say(this.#pick(2) === 0 ? '{"type":"knock","type":1}' : noise(this.#malice.random, 40))
    this.#say(ways[this.#pick(ways.length)] ?? '')
  }

  #say(message: string | Uint8Array): void {
    if (typeof message !== 'string' || this.#malice.random() >= this.#malice.ratio / 4) {
      return this.#conversation.send(message)
    }
    const at = this.#pick(message.length)
    const more = ['"', '{', '\\ud800', '0', 'null', '[['.repeat(50), 'é'.repeat(this.#pick(3000))]
    this.#conversation.send(message.slice(0, at) + (more[this.#pick(more.length)] ?? '') + message.slice(at + 1))
  }

  #key(message: Uint8Array): void {
    try {
      this.#keys ??= pipeOnStream(this.#transport.openStream(), { maxMessageBytes: 1024 })
    } catch (error) {
      if (!(error instanceof StreamError)) throw error
    }
    this.#keys?.send(this.#pick(100) === 0 ? 'a text' : message)
  }

  /** A stream on which something is asked, in words that nobody knows. */
  #open(): void {
    if (!this.#keys) return
    const { random } = this.#malice
    try {
      const stream = this.#transport.openStream()
      stream.write(noise(random, this.#pick(3000))).catch(() => {})
      const way = this.#pick(3)
      if (way === 0) stream.finish().catch(() => {})
      else if (way === 1) stream.reset(this.#pick(9))
    } catch (error) {
      if (!(error instanceof StreamError)) throw error
    }
  }
}
