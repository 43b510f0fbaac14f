import type { VoiceUnit } from '../../../contract/voice.ts'
import { sampleRate } from '../samples/pcm.ts'
import { Concealment } from './concealment.ts'
import { powerOf } from './power.ts'

const samplesOf = (milliseconds: number) => (milliseconds * sampleRate) / 1000

/** Packets that wait at most; the oldest make room. */
const mostPackets = 50
/** What a packet waits for its turn, to begin with and at least. */
const leastDelay = samplesOf(10)
const firstDelay = samplesOf(20)
const mostDelay = samplesOf(200)
/** A pause of more than this ends a talk spurt: the next one is timed anew. */
const spurtPause = samplesOf(120)
/** A step on the sender's time line that is longer than this leads to another one. */
const longestStep = samplesOf(2000)
/** Over so much of a spurt it is watched what is never needed. */
const reviewSamples = samplesOf(2000)
/** What is read is read in pieces of this length: so much of the time that a packet seems to have is not its own. */
const grain = samplesOf(10)
/** More waiting than this is not worth cutting away. */
const tolerated = samplesOf(15)
/** What is cut away at a time, and over how much the two ends are blended. */
const mostCut = samplesOf(10)
const seamSamples = samplesOf(5)
/** Quieter than this, a cut is not heard. */
const quiet = 0.003
/** When this much is to be cut, it is not waited for a quiet moment. */
const pressing = samplesOf(40)
/** More than this waits only after a stall: it is skipped at once. */
const skippedAt = samplesOf(250)

interface Waiting {
  /** Place on the sender's time line, unwrapped. */
  readonly at: number
  readonly data: Uint8Array
}

/** Decodes a packet; undefined when it cannot be. What it returns belongs to the caller. */
export type DecodeVoice = (data: Uint8Array) => Float32Array<ArrayBuffer> | undefined

/**
 * Makes an even stream of packets that come when they like. It counts no time but what is read from it, and decodes what is
 * read and nothing else, however much comes. A packet that is late makes everything later; what never was needed of the waiting is
 * cut away again; what is missing is concealed.
 */
export class JitterBuffer {
  readonly #decode: DecodeVoice
  readonly #concealment = new Concealment()
  #packets: Waiting[] = []
  /** The place that is read next; undefined between two talk spurts. */
  #next: number | undefined
  /** Decoded, not read yet. */
  #ready = new Float32Array(0)
  /** Made up since the last real sample. */
  #concealed = 0
  /** What the first packet of a spurt has waited. */
  #waited = 0
  #delay = firstDelay
  /** The last place that was heard of, to unwrap others by. */
  #reference: number | undefined
  #leastSlack = Infinity
  #reviewed = 0
  /** How much of the waiting is to be cut away. */
  #excess = 0

  constructor(decode: DecodeVoice) {
    this.#decode = decode
  }

  /** What the first packet of a spurt waits, in samples. */
  get delaySamples(): number {
    return this.#delay
  }

  /** Nothing is to be heard. */
  get silent(): boolean {
    return this.#next === undefined && this.#packets.length === 0 && this.#concealment.silent
  }

  /** The data is kept. */
  push({ timestamp, data }: VoiceUnit): void {
    const at = this.#unwrap(timestamp)
    if (this.#next !== undefined) {
      if (at < this.#next) return
      this.#leastSlack = Math.min(this.#leastSlack, at - this.#next - this.#concealed)
    }
    const place = this.#packets.findLastIndex((packet) => packet.at <= at)
    if (this.#packets[place]?.at === at) return
    this.#packets.splice(place + 1, 0, { at, data })
    if (this.#packets.length > mostPackets) this.#packets.shift()
  }

  /** Fills `into` with what comes next. */
  read(into: Float32Array): void {
    let filled = 0
    while (filled < into.length) filled += this.#readSome(into.subarray(filled))
    this.#review(into.length)
  }

  /** Returns how many samples it wrote. */
  #readSome(into: Float32Array): number {
    if (this.#ready.length > 0) return this.#readReady(into)
    if (this.#next === undefined) return this.#awaitSpurt(into)
    const [first] = this.#packets
    if (!first) return this.#makeUp(into, into.length)
    const missing = first.at - this.#next - this.#concealed
    if (missing > 0) return this.#makeUp(into, Math.min(into.length, missing))
    this.#take(first)
    return 0
  }

  #readReady(into: Float32Array): number {
    const count = Math.min(into.length, this.#ready.length)
    into.set(this.#ready.subarray(0, count))
    this.#ready = this.#ready.subarray(count)
    this.#next = (this.#next ?? 0) + count
    return count
  }

  /** The first packet of a spurt waits, so that those behind it may be late. */
  #awaitSpurt(into: Float32Array): number {
    const [first] = this.#packets
    if (first && this.#waited >= this.#delay) {
      this.#next = first.at
      this.#leastSlack = Infinity
      this.#reviewed = 0
      this.#excess = 0
      return 0
    }
    const count = first ? Math.min(into.length, this.#delay - this.#waited) : into.length
    this.#concealment.conceal(into.subarray(0, count))
    this.#waited = first ? this.#waited + count : 0
    return count
  }

  #makeUp(into: Float32Array, count: number): number {
    this.#concealment.conceal(into.subarray(0, count))
    this.#concealed += count
    if (this.#concealed >= spurtPause) this.#endSpurt()
    return count
  }

  #endSpurt(): void {
    this.#next = undefined
    this.#concealed = 0
    this.#waited = 0
  }

  /** Its turn has come, or is over already. */
  #take(packet: Waiting): void {
    this.#packets.shift()
    const samples = this.#decode(packet.data)
    if (!samples || samples.length === 0) return
    // What was made up beyond the gap is what the packet was late.
    const late = this.#concealed - (packet.at - (this.#next ?? packet.at))
    if (late > 0) this.#delay = Math.min(mostDelay, Math.max(this.#delay, leastDelay) + late)
    this.#next = packet.at
    this.#concealed = 0
    const kept = this.#cut(samples)
    this.#concealment.pass(kept)
    this.#ready = kept
  }

  /** Takes some of what has waited for nothing out of the samples. */
  #cut(samples: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
    const length = Math.min(this.#excess, mostCut, samples.length - 2 * seamSamples)
    if (length <= 0 || (this.#excess < pressing && powerOf(samples) > quiet * quiet)) return samples
    this.#excess -= length
    this.#next = (this.#next ?? 0) + length
    const kept = samples.slice(length)
    for (let index = 0; index < seamSamples; index++) {
      const share = (index + 1) / (seamSamples + 1)
      kept[index] = (samples[index] as number) * (1 - share) + (kept[index] as number) * share
    }
    return kept
  }

  /** Looks now and then at how much every packet had to spare. */
  #review(samples: number): void {
    if (this.#next === undefined) return
    this.#skipStall()
    this.#reviewed += samples
    if (this.#reviewed < reviewSamples) return
    const spare = this.#leastSlack - grain - leastDelay
    if (spare > tolerated && spare < Infinity) {
      this.#excess = spare
      this.#delay = Math.max(leastDelay, this.#delay - spare)
    }
    this.#reviewed = 0
    this.#leastSlack = Infinity
  }

  #skipStall(): void {
    const newest = this.#packets.at(-1)
    if (!newest || this.#next === undefined || newest.at - this.#next < skippedAt) return
    while (this.#packets.length > 1 && newest.at - (this.#packets[0]?.at ?? 0) > this.#delay) this.#packets.shift()
    this.#next = this.#packets[0]?.at ?? newest.at
    this.#ready = new Float32Array(0)
    this.#concealment.lose()
    this.#concealed = 0
    this.#leastSlack = Infinity
  }

  #unwrap(timestamp: number): number {
    const reference = this.#reference
    const at = reference === undefined ? timestamp : reference + ((timestamp - reference) | 0)
    if (reference !== undefined && Math.abs(at - reference) > longestStep) {
      this.#packets = []
      this.#ready = new Float32Array(0)
      this.#endSpurt()
    }
    this.#reference = at
    return at
  }
}
