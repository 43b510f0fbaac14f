import { CodedError } from '../../kernel/coded-error.ts'
import type { Pipe, PipeEnd, PipeListener, PipeMessage } from '../../kernel/pipe.ts'
import { decodeClientMedia } from '../../wire/web-media/client-media-message.ts'
import {
  encodePicture,
  encodePointersPiece,
  encodeSound,
  maxPieceBytes,
  type WebPicture,
  type WebSound,
} from '../../wire/web-media/host-media-message.ts'
import { webMediaCloseCode } from '../../wire/web-media/subprotocol.ts'
import type { HostChannel } from '../channel/host-channel.ts'
import type { MediaEvents } from '../channel/received-media.ts'

/** Hears what comes of pictures and sound, beside whoever shows them. */
export interface MediaTap {
  picture(picture: WebPicture): void
  sound(sound: WebSound): void
}

/** What comes before anybody listens: from the last key picture on, and no more than this. */
const mostEarlyBytes = 8 * 1024 * 1024

/** What is needed of a channel. */
type MediaChannel = Pick<HostChannel, 'wantKey' | 'key' | 'point' | 'speak'> & {
  receive(events: MediaEvents): void
}

/**
 * The media of one viewer on a channel, said as at the web port: what has come as datagrams goes on as it was encoded, in the messages of
 * `web media`, and what a client says there goes to the host's channel. So whoever speaks that, a page for instance, needs to know nothing else.
 */
export class MediaPipe implements Pipe {
  readonly closed: Promise<PipeEnd>
  readonly #channel: MediaChannel
  readonly #taps: Iterable<MediaTap>
  readonly #settle: (end: PipeEnd) => void
  #listener: PipeListener | undefined
  #early: Uint8Array[] = []
  #earlyBytes = 0
  #isOpen = true
  #isPaused = false

  constructor(channel: MediaChannel, taps: Iterable<MediaTap>) {
    const { promise, resolve } = Promise.withResolvers<PipeEnd>()
    this.#channel = channel
    this.#taps = taps
    this.closed = promise
    this.#settle = resolve
    channel.receive({
      picture: (picture) => this.#picture(picture),
      sound: (sound) => this.#sound(sound),
      pointers: (message) => {
        if (message.length > 0 && message.length <= maxPieceBytes) this.#tell([encodePointersPiece(message)])
      },
    })
  }

  get open(): boolean {
    return this.#isOpen
  }

  /** Datagrams leave at once, or not at all. */
  get buffered(): number {
    return 0
  }

  listen(listener: PipeListener): void {
    this.#listener = listener
    const early = this.#early
    this.#early = []
    for (const message of early) listener.message(message)
  }

  send(message: PipeMessage): void {
    if (!this.#isOpen || this.#isPaused) return
    try {
      if (typeof message === 'string') return this.#fault('Media and input are binary, text came')
      this.#take(decodeClientMedia(message))
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      this.#fault(error.message)
    }
  }

  pause(): void {
    this.#isPaused = true
  }

  /** The host goes on sending until the conversation asks for media anew, or ends. */
  close(code: number | undefined, _reason: string): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#early = []
    this.#settle({ code })
  }

  #take(message: ReturnType<typeof decodeClientMedia>): void {
    switch (message.type) {
      // Of the way on this machine, which loses nothing; the channel tells the host of the other one.
      case 'receipt':
        return
      case 'want-key':
        return this.#channel.wantKey()
      case 'keys':
        return this.#channel.key(message.data)
      case 'pointer':
        return this.#channel.point(message.data)
      case 'voice':
        return this.#channel.speak(message.timestamp, message.data)
    }
  }

  #picture(picture: WebPicture): void {
    for (const tap of this.#taps) tap.picture(picture)
    if (picture.key && !this.#listener) {
      this.#early = []
      this.#earlyBytes = 0
    }
    this.#tell(encodePicture(picture))
  }

  #sound(sound: WebSound): void {
    for (const tap of this.#taps) tap.sound(sound)
    if (this.#listener || this.#early.length > 0) this.#tell([encodeSound(sound)])
  }

  #tell(messages: readonly Uint8Array[]): void {
    if (!this.#isOpen || this.#isPaused) return
    if (this.#listener) {
      for (const message of messages) this.#listener.message(message)
      return
    }
    for (const message of messages) this.#earlyBytes += message.length
    if (this.#earlyBytes <= mostEarlyBytes) this.#early.push(...messages)
    else this.close(webMediaCloseCode.ended, 'Nobody takes it')
  }

  #fault(reason: string): void {
    this.close(webMediaCloseCode.protocolViolation, reason)
  }
}
