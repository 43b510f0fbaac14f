import type { Clock } from '../../../src/kernel/clock.ts'
import type { Pipe } from '../../../src/kernel/pipe.ts'
import { BitrateController } from '../../../src/net/congestion/bitrate-controller.ts'
import type { SecureLink } from '../../../src/net/native/secure-link.ts'
import { PictureReceiver } from '../../../src/net/receiving/picture-receiver.ts'
import { pipeOnStream } from '../../../src/net/streams/stream-pipe.ts'
import { Transport } from '../../../src/net/streams/transport.ts'
import { encodeAdmission, type AdmissionRequest } from '../../../src/wire/native/admission.ts'
import { decodeServerMessage, encodeSignal } from '../../../src/wire/signal/codec.ts'
import type { ClientMessage, ServerMessage } from '../../../src/wire/signal/messages.ts'

/** Somebody who watches and is asked now and then whether all is well: an honest client on a channel. */
export class NativeGuest {
  readonly link: SecureLink
  readonly heard: ServerMessage[] = []
  pictures = 0
  readonly #transport: Transport
  readonly #conversation: Pipe
  readonly #clock: Clock
  readonly #receiver = new PictureReceiver({
    onPicture: () => void this.pictures++,
    ask: (numbers) => this.#transport.askAgain(numbers),
    askForKey: () => this.#transport.askForKey(),
  })
  #isIn = false

  constructor(link: SecureLink, clock: Clock, introduction: AdmissionRequest = { type: 'knock' }) {
    this.link = link
    this.#clock = clock
    const nowUs = () => clock.nowMs() * 1000
    this.#transport = new Transport({
      channel: link,
      clock,
      isCaller: true,
      controller: new BitrateController(),
      events: {
        stream() {},
        datagram: (kind, data) => {
          if (kind === 'video' || kind === 'parity') this.#receiver.take(kind, data, nowUs())
        },
        missing() {},
        keyWanted() {},
        reported() {},
      },
    })
    this.#conversation = pipeOnStream(this.#transport.openStream(), { maxMessageBytes: 1 << 20 })
    this.#conversation.listen({
      message: (message) => {
        if (this.#isIn) this.heard.push(decodeServerMessage(String(message)))
        this.#isIn = true
      },
      fault: () => {},
    })
    this.#conversation.send(encodeAdmission(introduction))
  }

  say(message: ClientMessage): void {
    this.#conversation.send(encodeSignal(message))
  }

  poll(): void {
    this.#receiver.poll(this.#clock.nowMs() * 1000, this.#transport.roundTripMs ?? 100)
  }

  async close(): Promise<void> {
    await this.#transport.close()
  }
}
