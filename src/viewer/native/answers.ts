import type { DatagramKind } from '../../wire/native-frames/frame.ts'
import { decodeAbilities, type Abilities } from '../../wire/native-frames/abilities.ts'
import type { WireEvents } from '../contract/viewer-wire.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'

/** A decoder that cannot go on asks again and again, and is answered by the producer's own limits. */
const keyRequestsPerSecond = 20
/** A request has up to a hundred packets; what is sent again has a limit of its own. */
const requestsPerSecond = 400

/** What comes back from a viewer of the native transport, beside its streams. */
export interface NativeAnswers {
  missing(numbers: readonly number[]): void
  keyWanted(): void
  /** What is sent leaves by another path from now on. */
  moved(): void
  /** What arrived was told, and the controller of the transport knows it. */
  reported(): void
  datagram(kind: DatagramKind, data: Uint8Array): void
}

export interface NativeAnswersOptions {
  readonly events: WireEvents
  readonly nowUs: () => number
  readonly onHeard: () => void
  readonly input: (message: Uint8Array) => void
  readonly voice: (packet: Uint8Array) => void
  readonly able: (abilities: Abilities) => void
}

/** Hands it on to the viewer; whoever asks too often is not answered. */
export function answersTo({ events, nowUs, onHeard, input, voice, able }: NativeAnswersOptions): NativeAnswers {
  const bucket = (perSecond: number) => new TokenBucket({ perSecond, burst: perSecond, nowMs: nowUs() / 1000 })
  const keyLimit = bucket(keyRequestsPerSecond)
  const requestLimit = bucket(requestsPerSecond)
  const heard = () => {
    onHeard()
    events.heard()
  }
  return {
    missing(numbers) {
      heard()
      if (requestLimit.take(nowUs() / 1000)) events.missing(numbers)
    },
    keyWanted() {
      heard()
      if (keyLimit.take(nowUs() / 1000)) events.pictureLost()
    },
    moved: () => events.moved(),
    reported() {
      heard()
      events.room()
    },
    datagram(kind, data) {
      heard()
      if (kind === 'input') input(data)
      else if (kind === 'audio') voice(data)
      else if (kind === 'control') {
        const abilities = decodeAbilities(data)
        if (abilities) able(abilities)
      }
    },
  }
}
