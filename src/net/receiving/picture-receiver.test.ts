import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { bestParity } from '../../wire/fec/simd-parity.ts'
import { WideCode } from '../../wire/fec/wide-code.ts'
import { pieceOwnBytes, writePieceNumbers } from '../../wire/native-frames/media-piece.ts'
import { PicturePieces } from '../../wire/native-frames/picture-pieces.ts'
import { SimulatedLink, type LinkConditions } from '../link/simulated-link.ts'
import { PictureReceiver, type ReceivedPicture } from './picture-receiver.ts'

const coder = bestParity()
const pieceBytes = 100
const frameUs = 16_000

interface Packet {
  readonly kind: 'video' | 'parity'
  readonly bytes: Uint8Array
}

interface Scene {
  readonly link: Partial<LinkConditions>
  readonly parityPercent?: number
  /** False for a sender that sends nothing again. */
  readonly sendsAgain?: boolean
  readonly seconds?: number
}

/** Pictures at 60 a second over a link that does what it does, to a receiver that asks, and a sender that answers. */
class Stream {
  readonly shown: { readonly picture: ReceivedPicture; readonly atUs: number }[] = []
  readonly link: SimulatedLink<Packet>
  readonly receiver: PictureReceiver
  readonly #scene: Scene
  readonly #sent = new Map<number, Packet>()
  readonly #asks: { readonly numbers: readonly number[]; readonly atUs: number }[] = []
  readonly #random = seededRandom(9)
  readonly #roundTripMs: number
  #number = 0
  #picture = 0
  #wantsKey = true
  #nowUs = 0

  constructor(scene: Scene) {
    this.#scene = scene
    this.link = new SimulatedLink<Packet>({ delayUs: 15_000, ...scene.link }, 11)
    this.#roundTripMs = (2 * this.link.conditions.delayUs) / 1000
    this.receiver = new PictureReceiver({
      onPicture: (picture) => void this.shown.push({ picture, atUs: this.#nowUs }),
      ask: (numbers) => void this.#asks.push({ numbers, atUs: this.#nowUs + this.link.conditions.delayUs }),
      askForKey: () => (this.#wantsKey = true),
    })
  }

  run(ms: number): this {
    for (const endUs = this.#nowUs + ms * 1000; this.#nowUs < endUs; this.#nowUs += 1000) {
      if (this.#nowUs % frameUs === 0) this.#sendPicture()
      while ((this.#asks[0]?.atUs ?? Infinity) <= this.#nowUs) {
        for (const number of this.#asks.shift()?.numbers ?? []) {
          const packet = this.#sent.get(number)
          if (packet && this.#scene.sendsAgain !== false) this.#send(packet)
        }
      }
      for (let next = this.link.receive(this.#nowUs); next; next = this.link.receive(this.#nowUs)) {
        this.receiver.take(next.datagram.kind, next.datagram.bytes, this.#nowUs)
      }
      if (this.#nowUs % 5000 === 0) this.receiver.poll(this.#nowUs, this.#roundTripMs)
    }
    return this
  }

  #sendPicture(): void {
    const key = this.#wantsKey
    this.#wantsKey = false
    const data = Uint8Array.from({ length: key ? 6000 : 300 + this.#random() * 2000 }, () => this.#random() * 256)
    const head = { codec: 'h264', key, captureUs: this.#nowUs, width: 640, height: 360 } as const
    const cut = new PicturePieces({ ...head, data }, { pieceBytes, coder })
    const picture = this.#picture++
    const packets = [
      ...cut.pieces.map((piece) => ({ kind: 'video' as const, piece })),
      ...cut.parity(this.#scene.parityPercent ?? 0).map((piece) => ({ kind: 'parity' as const, piece })),
    ]
    for (const { kind, piece } of packets) {
      const number = this.#number++
      const bytes = new Uint8Array(pieceOwnBytes + piece.length)
      writePieceNumbers(bytes, { number, picture })
      bytes.set(piece, pieceOwnBytes)
      this.#sent.set(number, { kind, bytes })
      this.#send({ kind, bytes })
    }
  }

  #send(packet: Packet): void {
    this.link.send(packet, packet.bytes.length + 60, this.#nowUs)
  }

  get longestGapMs(): number {
    const times = [0, ...this.shown.map(({ atUs }) => atUs), this.#nowUs]
    return Math.max(...times.map((atUs, index) => atUs - (times[index - 1] ?? 0))) / 1000
  }
}

/** Each picture can be decoded: it follows the one before it, or is a key picture. */
function assertDecodable(stream: Stream): void {
  const { shown } = stream
  assert.equal(shown[0]?.picture.key, true)
  for (const [index, { picture }] of shown.entries()) {
    const before = shown[index - 1]?.picture
    if (!before) continue
    assert.ok(picture.captureUs > before.captureUs)
    assert.ok(picture.key || picture.captureUs === before.captureUs + frameUs, `${picture.captureUs}`)
  }
}

test('PictureReceiver does not ask for what is still on its way over a small path', () => {
  const stream = new Stream({ link: { rateBps: 60_000, queueUs: 10e6 } }).run(3000)
  // Until it has seen how far apart packets come.
  assert.ok(stream.receiver.counts.asked < 100, `asked for ${stream.receiver.counts.asked}`)
})

test('PictureReceiver shows every picture as soon as it is there where nothing is lost, and asks for nothing', () => {
  const stream = new Stream({ link: { reorderRatio: 0.05, reorderUs: 3000, duplicateRatio: 0.05 } }).run(5000)
  assertDecodable(stream)
  assert.ok(stream.shown.length >= 310)
  assert.ok(Math.max(...stream.shown.map(({ picture, atUs }) => atUs - picture.captureUs)) <= 22_000)
  const { asked, keysAsked } = stream.receiver.counts
  assert.deepEqual([asked, keysAsked], [0, 0])
})

test('PictureReceiver repairs what parity can, without a question, and asks for the rest, without a key picture', () => {
  const stream = new Stream({ link: { lossRatio: 0.03 }, parityPercent: 35 }).run(10_000)
  assertDecodable(stream)
  const { pictures, keys, recovered, asked, keysAsked } = stream.receiver.counts
  assert.ok(pictures > 615, `${pictures}`)
  assert.deepEqual([keys, keysAsked], [1, 0])
  assert.ok(recovered > 100 && asked < 40, `${recovered} recovered, ${asked} asked`)
  assert.ok(stream.longestGapMs < 120, `${stream.longestGapMs}`)
})

test('PictureReceiver gets along by questions alone, also where whole pictures are lost in bursts', () => {
  const stream = new Stream({ link: { lossRatio: 0.03, lossBurst: 12 } }).run(10_000)
  assertDecodable(stream)
  const { pictures, keys, asked } = stream.receiver.counts
  assert.ok(pictures > 560, `${pictures}`)
  assert.ok(keys <= 6, `${keys}`)
  assert.ok(asked > 100)
})

test('PictureReceiver goes on at a key picture where nothing is sent again, or the path is too long for that', () => {
  for (const scene of [
    { link: { lossRatio: 0.005 }, sendsAgain: false },
    { link: { lossRatio: 0.005, delayUs: 250_000 } },
  ]) {
    const stream = new Stream(scene).run(10_000)
    assertDecodable(stream)
    const { keys, keysAsked } = stream.receiver.counts
    assert.ok(keys > 3 && keysAsked >= keys - 1, `${keys} of ${keysAsked}`)
    assert.ok(stream.shown.length > 100, `${stream.shown.length}`)
    assert.ok(stream.longestGapMs < 1500, `${stream.longestGapMs}`)
  }
})

test('PictureReceiver is back a moment after the path was gone for a second, and has kept little meanwhile', () => {
  const stream = new Stream({ link: {} }).run(2000)
  stream.link.conditions.lossRatio = 1
  stream.run(1000)
  stream.link.conditions.lossRatio = 0
  const before = stream.shown.length
  stream.run(600)
  assert.ok(stream.shown.length > before + 10, `${stream.shown.length - before}`)
  assertDecodable(stream)
})

test('PictureReceiver takes padding for nothing, and what contradicts itself for nothing either', () => {
  const shown: ReceivedPicture[] = []
  const receiver = new PictureReceiver({ onPicture: (one) => void shown.push(one), ask: () => {}, askForKey: () => {} })
  const padding = new Uint8Array(pieceOwnBytes)
  writePieceNumbers(padding, { number: 1, picture: 0 })
  receiver.take('video', padding, 0)
  assert.throws(() => receiver.take('video', Uint8Array.from([...padding, 1, 2, 3]), 0), { code: 'too-short' })
  for (let picture = 1; picture < 5000; picture++) {
    const head = { codec: 'h264', key: false, captureUs: 0, width: 1, height: 1 } as const
    const cut = new PicturePieces({ ...head, data: new Uint8Array(5000) }, { pieceBytes: 1000, coder })
    const piece = cut.pieces[0] as Uint8Array
    const bytes = new Uint8Array(pieceOwnBytes + piece.length)
    writePieceNumbers(bytes, { number: 10 * picture, picture })
    bytes.set(piece, pieceOwnBytes)
    receiver.take('video', bytes, picture)
    receiver.poll(picture, 10)
  }
  assert.equal(shown.length, 0)
})

test('PictureReceiver keeps no more than its bound of large pictures none of which becomes whole', () => {
  const receiver = new PictureReceiver({ onPicture: () => {}, ask: () => {}, askForKey: () => {} })
  const wide = new WideCode()
  const cuts = Array.from({ length: 12 }, (_, picture) => {
    const head = { codec: 'h264', key: true, captureUs: picture, width: 1, height: 1 } as const
    return new PicturePieces({ ...head, data: new Uint8Array(2_000_000) }, { pieceBytes: 1000, coder, wide })
  })
  let [number, most] = [0, 0]
  for (let place = 1; place < 2000; place++) {
    for (const [picture, cut] of cuts.entries()) {
      const piece = cut.pieces[place] as Uint8Array
      const bytes = new Uint8Array(pieceOwnBytes + piece.length)
      writePieceNumbers(bytes, { number: number++, picture })
      bytes.set(piece, pieceOwnBytes)
      receiver.take('video', bytes, number)
      most = Math.max(most, receiver.heldBytes)
    }
  }
  assert.ok(most > 8_000_000 && most <= 8 * 1024 * 1024 + 1000, `${most}`)
})
