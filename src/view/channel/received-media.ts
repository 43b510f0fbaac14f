import { PictureReceiver, type ReceivedPicture } from '../../net/receiving/picture-receiver.ts'
import { SoundReceiver, type ReceivedSound } from '../../net/receiving/sound-receiver.ts'
import type { Transport } from '../../net/streams/transport.ts'
import { encodeAbilities } from '../../wire/native-frames/abilities.ts'
import type { DatagramKind } from '../../wire/native-frames/frame.ts'
import { WireError } from '../../wire/wire-error.ts'

/** Sound as it was encoded; what was lost of it is not there. */
export type HeardSound = ReceivedSound & { readonly data: Uint8Array }

/** What comes by a channel beside its streams, whole and in order. */
export interface MediaEvents {
  picture(picture: ReceivedPicture): void
  sound(sound: HeardSound): void
  /** Where others point, as the pointer channel tells it. */
  pointers(message: Uint8Array): void
}

/** What was received, since the viewer was opened. */
export interface MediaCounts {
  readonly pictures: number
  readonly keys: number
  readonly videoBytes: number
  readonly sounds: number
  /** Pieces of pictures and packets of sound that parity or repetition brought back. */
  readonly recovered: number
  /** Packets of pictures that were asked for again. */
  readonly asked: number
  /** Key pictures that had to be asked for, as something was lost for good. */
  readonly keysAsked: number
  /** Packets of sound that never came. */
  readonly soundsLost: number
}

/** A round trip before one was measured. */
const unknownRoundTripMs = 100
/** What this end is able to is told so often, as what tells it can be lost. */
const timesTold = 5
const tellEveryUs = 1_000_000

/** The receiving end of one viewer: puts pictures together, asks for what is lost of them, and gives sound its turn. */
export class ReceivedMedia {
  readonly #transport: Pick<Transport, 'askAgain' | 'askForKey' | 'roundTripMs' | 'send'>
  readonly #nowUs: () => number
  readonly #events: MediaEvents
  readonly #pictures: PictureReceiver
  readonly #sounds = new SoundReceiver()
  #videoBytes = 0
  #soundCount = 0
  #malformed = 0
  #told = 0
  #toldUs = -Infinity

  constructor(options: {
    readonly transport: Pick<Transport, 'askAgain' | 'askForKey' | 'roundTripMs' | 'send'>
    readonly nowUs: () => number
    readonly events: MediaEvents
  }) {
    const { transport, nowUs, events } = options
    this.#transport = transport
    this.#nowUs = nowUs
    this.#events = events
    this.#pictures = new PictureReceiver({
      onPicture: (picture) => {
        this.#videoBytes += picture.data.length
        events.picture(picture)
      },
      ask: (numbers) => transport.askAgain(numbers),
      askForKey: () => transport.askForKey(),
    })
    this.#tell()
  }

  get counts(): MediaCounts {
    const { pictures, keys, recovered, asked, keysAsked } = this.#pictures.counts
    const { recovered: recoveredSounds, concealed } = this.#sounds.counts
    return {
      pictures,
      keys,
      videoBytes: this.#videoBytes,
      sounds: this.#soundCount,
      recovered: recovered + recoveredSounds,
      asked,
      keysAsked,
      soundsLost: concealed,
    }
  }

  /** Datagrams of the host that made no sense. */
  get malformed(): number {
    return this.#malformed
  }

  take(kind: DatagramKind, data: Uint8Array): void {
    try {
      if (kind === 'video' || kind === 'parity') this.#pictures.take(kind, data, this.#nowUs())
      else if (kind === 'audio') this.#takeSound(data)
      else if (kind === 'input') this.#events.pointers(data)
    } catch (error) {
      // The channel has proved that the host says it: a loss like any other, and no reason to go.
      if (!(error instanceof WireError)) throw error
      this.#malformed++
    }
  }

  /** What time brings; to be called about every 5 ms. */
  poll(): void {
    this.#pictures.poll(this.#nowUs(), this.#transport.roundTripMs ?? unknownRoundTripMs)
    this.#hear()
    this.#tell()
  }

  #tell(): void {
    const nowUs = this.#nowUs()
    if (this.#told >= timesTold || nowUs - this.#toldUs < tellEveryUs) return
    this.#told++
    this.#toldUs = nowUs
    this.#transport.send('control', encodeAbilities({ takesWide: true }))
  }

  #takeSound(data: Uint8Array): void {
    this.#sounds.take(data, this.#nowUs())
    this.#hear()
  }

  #hear(): void {
    for (const sound of this.#sounds.poll(this.#nowUs())) {
      const { data } = sound
      if (!data) continue
      this.#soundCount++
      this.#events.sound({ ...sound, data })
    }
  }
}
