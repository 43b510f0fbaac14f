import { decodePiece, type NumberedPiece, type PieceOf } from '../../wire/native-frames/media-piece.ts'
import { PictureGathering, pictureRepair } from '../../wire/native-frames/picture-gathering.ts'

/** A picture in its turn: each can be decoded after those before it, and a key picture by itself. */
export type ReceivedPicture = Pick<PieceOf, 'codec' | 'key' | 'captureUs' | 'width' | 'height'> & {
  readonly data: Uint8Array
}

export interface PictureReceiverOptions {
  readonly onPicture: (picture: ReceivedPicture) => void
  /** These packets are to be sent again. */
  readonly ask: (numbers: readonly number[]) => void
  /** Only a key picture helps. */
  readonly askForKey: () => void
}

/** Pictures that are put together at a time, and what they take of memory. */
const mostPictures = 48
const mostBytes = 8 * 1024 * 1024
/** So many packets may have come out of order, or so much time have passed, before one is missed. */
const reorderPackets = 3
const reorderUs = 8_000
/** On a small path packets come further apart than that: then it is so many times their spacing, which rises with half of what is longer. */
const quietSpacings = 2.5
const spacingUp = 0.5
const spacingDown = 0.05
/** What comes later than this has met something else than the packets before it. */
const longestSpacingUs = 60_000
/** What was asked for is asked for again after a round trip and this. */
const askSlackMs = 10
const mostAsked = 100
/** By then, after a later picture was there, what is missing has to have come; no longer on a path however long. */
const leastPatienceMs = 100
const mostPatienceMs = 400
const askForKeyEveryUs = 250_000

interface Incoming {
  readonly gathering: PictureGathering
  /** Of its first packet; undefined while nothing but parity has come. */
  first: number | undefined
  newestUs: number
}

/**
 * Pictures out of datagrams: puts them together, repairs them by parity, asks for what parity cannot repair while the round trip
 * allows that, hands them over in order, and asks for a key picture when something is lost for good. Pure: whoever owns it calls
 * `poll` about every 5 ms.
 */
export class PictureReceiver {
  readonly #options: PictureReceiverOptions
  readonly #repair = pictureRepair()
  readonly #incoming = new Map<number, Incoming>()
  readonly #askedUs = new Map<number, number>()
  /** The picture that is to be handed over next; undefined while only a key picture will do. */
  #next: number | undefined
  #newestPicture = -1
  #newestNumber = -1
  /** When the newest one came, and how far apart packets of one picture come. */
  #newestUs = -Infinity
  #spacingUs = 0
  /** Since when the next one is missed while a later one is there. */
  #blockedUs: number | undefined
  #keyAskedUs = -Infinity
  #counts = { pictures: 0, keys: 0, recovered: 0, asked: 0, keysAsked: 0 }

  constructor(options: PictureReceiverOptions) {
    this.#options = options
  }

  /** Pictures handed over, key pictures among them, pieces made of parity, packets asked for, key pictures asked for. */
  get counts(): Readonly<{ pictures: number; keys: number; recovered: number; asked: number; keysAsked: number }> {
    return this.#counts
  }

  /** A datagram of video or parity. Throws WireError. */
  take(kind: 'video' | 'parity', bytes: Uint8Array, nowUs: number): void {
    const piece = decodePiece(bytes, kind)
    const { of, picture } = piece
    this.#space(piece, nowUs)
    if (!of || picture < (this.#next ?? 0)) return
    this.#askedUs.delete(piece.number)
    if (this.heldBytes >= mostBytes) this.#giveUp()
    const incoming = this.#incoming.get(picture) ?? this.#begin(picture, of, nowUs)
    if (!incoming.gathering.add(of, kind, piece.data)) return
    incoming.newestUs = nowUs
    if (kind === 'video') incoming.first = firstOf(piece, of)
    this.#newestPicture = Math.max(this.#newestPicture, picture)
    if (incoming.gathering.isWhole) this.#handOver(nowUs)
  }

  /** Packets that follow each other in one picture tell how fast the path lets them through. */
  #space({ number, picture }: NumberedPiece, nowUs: number): void {
    if (number <= this.#newestNumber) return
    const gapUs = nowUs - this.#newestUs
    if (number === this.#newestNumber + 1 && picture === this.#newestPicture && gapUs < longestSpacingUs) {
      this.#spacingUs += (gapUs - this.#spacingUs) * (gapUs > this.#spacingUs ? spacingUp : spacingDown)
    }
    this.#newestNumber = number
    this.#newestUs = nowUs
  }

  /** After so long without another packet, none of what is missing is on its way. */
  get #quietUs(): number {
    return Math.max(reorderUs, quietSpacings * this.#spacingUs)
  }

  #begin(picture: number, of: PieceOf, nowUs: number): Incoming {
    if (this.#incoming.size >= mostPictures) this.#giveUp()
    const incoming = { gathering: new PictureGathering(of, this.#repair), first: undefined, newestUs: nowUs }
    this.#incoming.set(picture, incoming)
    return incoming
  }

  /** What the pictures take of memory that are not whole yet, or wait for those before them. */
  get heldBytes(): number {
    let bytes = 0
    for (const { gathering } of this.#incoming.values()) bytes += gathering.heldBytes
    return bytes
  }

  /** What waits can only be shown after what is missing, which will not come any more. */
  #giveUp(): void {
    this.#incoming.clear()
    this.#next = undefined
  }

  #handOver(nowUs: number): void {
    const key = this.#newestKey()
    if (key !== undefined && key !== this.#next) {
      for (const picture of this.#incoming.keys()) if (picture < key) this.#incoming.delete(picture)
      this.#next = key
    }
    while (this.#next !== undefined) {
      const incoming = this.#incoming.get(this.#next)
      if (incoming?.gathering.isWhole !== true) break
      this.#incoming.delete(this.#next++)
      this.#show(incoming.gathering)
      this.#blockedUs = undefined
    }
    if (this.#incoming.size > 0) this.#blockedUs ??= nowUs
    if (this.#incoming.size === 0) this.#askedUs.clear()
  }

  /** Whole, and of use: with it nothing before it is needed. */
  #newestKey(): number | undefined {
    let key: number | undefined
    for (const [picture, { gathering }] of this.#incoming) {
      if (gathering.of.key && gathering.isWhole && picture >= (key ?? this.#next ?? 0)) key = picture
    }
    return key
  }

  #show(gathering: PictureGathering): void {
    const { codec, key, captureUs, width, height } = gathering.of
    this.#counts.pictures++
    if (key) this.#counts.keys++
    this.#counts.recovered += gathering.recovered
    this.#options.onPicture({ codec, key, captureUs, width, height, data: gathering.data() })
  }

  /** Asks for what is missed, and gives up what has not come in time. */
  poll(nowUs: number, roundTripMs: number): void {
    const patienceMs = Math.min(mostPatienceMs, Math.max(leastPatienceMs, 2.5 * roundTripMs))
    const waitedMs = this.#blockedUs === undefined ? 0 : (nowUs - this.#blockedUs) / 1000
    const isLost = this.#next === undefined || waitedMs > patienceMs
    if (isLost) {
      const key = this.#keyOnItsWay(nowUs, (1.5 * roundTripMs + leastPatienceMs) * 1000)
      if (!key) this.#askForKey(nowUs)
      // What it lacks comes as soon as another one would, and is less.
      else if (nowUs - key.newestUs >= this.#quietUs) this.#ask(missingOf(key), roundTripMs, nowUs)
    } else if (waitedMs + roundTripMs <= mostPatienceMs) {
      // What would come after that is of no use.
      this.#ask(this.#missed(nowUs), roundTripMs, nowUs)
    }
  }

  #ask(missed: readonly number[], roundTripMs: number, nowUs: number): void {
    const againUs = (roundTripMs + askSlackMs) * 1000
    const isDue = (number: number) => nowUs - (this.#askedUs.get(number) ?? -Infinity) >= againUs
    const due = missed.filter(isDue).slice(0, mostAsked)
    if (due.length === 0) return
    for (const number of due) this.#askedUs.set(number, nowUs)
    this.#counts.asked += due.length
    this.#options.ask(due)
  }

  #askForKey(nowUs: number): void {
    if (this.#newestNumber < 0 || nowUs - this.#keyAskedUs < askForKeyEveryUs) return
    this.#keyAskedUs = nowUs
    this.#counts.keysAsked++
    this.#options.askForKey()
  }

  /** A key picture of which something has come of late. */
  #keyOnItsWay(nowUs: number, patienceUs: number): Incoming | undefined {
    let key: Incoming | undefined
    for (const incoming of this.#incoming.values()) {
      if (incoming.gathering.of.key && nowUs - incoming.newestUs < patienceUs) key = incoming
    }
    return key
  }

  /** Numbers of packets, upwards, that have to come for the pictures that wait. */
  #missed(nowUs: number): number[] {
    const missed: number[] = []
    /** Behind the last packet of the data before, if that is known. */
    let end: number | undefined
    let isGap = false
    for (let picture = this.#next ?? 0; picture <= this.#newestPicture && missed.length < mostAsked; picture++) {
      const incoming = this.#incoming.get(picture)
      if (incoming?.first === undefined) {
        isGap = true
        continue
      }
      const { first, newestUs } = incoming
      // Of a picture nothing of which has come it is not known which packets were its parity.
      if (isGap && end !== undefined) for (let number = end; number < first; number++) missed.push(number)
      isGap = false
      const { pieceBytes, pictureBytes } = incoming.gathering.of
      end = first + Math.ceil(pictureBytes / pieceBytes)
      const isOver = this.#newestPicture > picture || nowUs - newestUs >= this.#quietUs
      if (isOver) missed.push(...missingOf(incoming))
    }
    const isSettled = (number: number) => number <= this.#newestNumber - reorderPackets || this.#isQuiet(nowUs)
    return missed.filter(isSettled)
  }

  /** Nothing more is on its way that was sent before the newest. */
  #isQuiet(nowUs: number): boolean {
    for (const { newestUs } of this.#incoming.values()) if (nowUs - newestUs < this.#quietUs) return false
    return true
  }
}

/** Numbers of what is missing of a picture, upwards. */
function missingOf({ gathering, first }: Incoming): number[] {
  if (first === undefined) return []
  return gathering.missing.map((place) => first + place).toSorted((a, b) => a - b)
}

/** Packets of a picture follow each other. */
function firstOf({ number }: NumberedPiece, { piece, block, blocks }: PieceOf): number {
  return number - (piece * blocks + block)
}
