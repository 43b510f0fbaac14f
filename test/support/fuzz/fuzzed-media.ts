import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { ConversationMonitor, planConversation } from '../../../src/kernel/monitor/conversation.ts'
import { seededRandom } from '../../../src/kernel/seeded-random.ts'
import { encodeKeysMessage } from '../../../src/wire/input/keys-message.ts'
import { PointerSender } from '../../../src/wire/input/pointer-message.ts'
import { signalCloseCode } from '../../../src/wire/signal/messages.ts'
import { type ClientMediaMessage, encodeClientMedia } from '../../../src/wire/web-media/client-media-message.ts'
import { decodeHostMedia } from '../../../src/wire/web-media/host-media-message.ts'
import { PictureAssembly } from '../../../src/wire/web-media/picture-assembly.ts'
import { webMedia } from '../../../src/wire/web-media/protocol.ts'
import { ticketSubprotocolPrefix, webMediaSubprotocol } from '../../../src/wire/web-media/subprotocol.ts'
import type { FuzzTarget } from './fuzzed-conversation.ts'
import type { SideFuzzOutcome } from './fuzzed-return.ts'
import { FuzzLine } from './fuzz-line.ts'

const plan = planConversation(webMedia, 'client')
/** What a host may call what was wrong. */
const faults = /^(malformed|unknown-type|too-short|too-long|out-of-range|out-of-order)$/

/**
 * A media socket and the input channels that go by it: legal receipts, wishes and input until it is cut, and asked for again by
 * another ticket, or something wrong is said, which has to end it and its conversation. The host is held to its end of it.
 */
export async function fuzzMedia(target: FuzzTarget, seed: number, most: number): Promise<SideFuzzOutcome> {
  const random = seededRandom(seed)
  const pick = (below: number) => Math.floor(random() * below)
  const complaints: string[] = []
  const line = new FuzzLine(target)
  await line.answer('ready')
  line.say({ type: 'join', lobbyId: target.lobbyId })
  let sent = 0
  let received = 0
  for (let left = 1 + pick(3); left > 0 && complaints.length === 0; left--) {
    const skip = line.heard.length
    line.say({ type: 'web-media', codecs: ['vp8', 'h264'], audio: pick(2) === 0 })
    const given = await line.answer('web-media-ticket', skip)
    if (!given) complaints.push(`no ticket came: ${JSON.stringify(line.heard.at(-1))}, closed with ${line.closeCode}`)
    if (!given) break
    const media = new FuzzedMedia(target.url, given.ticket, pick)
    await media.talk(1 + pick(most))
    if (left === 1 && pick(2) === 0) {
      media.say(wrongWord(pick, media.unacknowledged))
      const code = await line.ended()
      const told = line.heard.findLast((message) => message.type === 'error')?.code ?? ''
      if (code !== signalCloseCode.protocolViolation || !faults.test(told)) {
        complaints.push(`something wrong on a media socket ended its conversation with ${code}, "${told}"`)
      }
    } else media.cut()
    complaints.push(...media.complaints)
    sent += media.sent
    received += media.received
  }
  if (line.closeCode === undefined) {
    if (!(await line.stands())) complaints.push('a conversation did not outlive its media socket')
    line.say({ type: 'bye' })
    const code = await line.ended()
    if (code !== 1000) complaints.push(`a goodbye was answered with ${code}`)
  }
  line.cut()
  return { sent: sent + line.sent, received: received + line.heard.length, complaints }
}

/** What is wrong whatever has come. */
function wrongWord(pick: (below: number) => number, unacknowledged: number): string | Uint8Array {
  const all: readonly (() => string | Uint8Array)[] = [
    () => 'hello',
    () => Uint8Array.of(6 + pick(250), 1, 2),
    () => Uint8Array.of(1, 1, 2, 3),
    () => Uint8Array.of(2, 0),
    () => Uint8Array.of(3),
    () => Uint8Array.of(3, 200, ...randomBytes(4)),
    () => Uint8Array.of(5, 0, 0, 0, 1),
    // More than can come meanwhile.
    () => receiptOf(Math.min(512, unacknowledged + 400)),
  ]
  return all[pick(all.length)]?.() ?? ''
}

function receiptOf(count: number): Uint8Array {
  return encodeClientMedia({ type: 'receipt', arrivalsUs: Array.from({ length: count }, (_, index) => index) })
}

/** Of one socket. */
const mostWishes = 3
const mostReceipts = 60

class FuzzedMedia {
  readonly complaints: string[] = []
  sent = 0
  received = 0
  unacknowledged = 0
  readonly #pick: (below: number) => number
  readonly #socket: WebSocket
  readonly #monitor = new ConversationMonitor(plan)
  readonly #assembly = new PictureAssembly()
  readonly #pointer = new PointerSender()
  #isOver = false
  #wishes = 0
  #receipts = 0

  constructor(url: string, ticket: string, pick: (below: number) => number) {
    this.#pick = pick
    this.#socket = new WebSocket(url, [webMediaSubprotocol, ticketSubprotocolPrefix + ticket])
    this.#socket.on('message', (data: Buffer) => this.#hear(data))
    this.#socket.on('error', (error) => {
      if (!this.#isOver) this.complaints.push(`a media socket failed: ${error.message}`)
    })
    this.#socket.on('close', () => {
      this.#isOver = true
    })
  }

  async talk(count: number): Promise<void> {
    while (this.#socket.readyState === WebSocket.CONNECTING) await pause(2)
    for (let index = 0; index < count && !this.#isOver; index++) {
      this.#sayOne()
      // Below the host's limits for input.
      if (index % 4 === 0) await pause(4 + this.#pick(12))
    }
    if (this.#isOver) this.complaints.push('a media socket ended by itself')
  }

  say(data: string | Uint8Array): void {
    this.sent++
    this.#socket.send(data, { binary: typeof data !== 'string' })
  }

  cut(): void {
    this.#isOver = true
    this.#socket.terminate()
  }

  #sayOne(): void {
    const pick = this.#pick
    const ways: (() => ClientMediaMessage)[] = [
      () => ({ type: 'keys', data: encodeKeysMessage({ type: 'key', code: 'KeyA', key: 'a', down: pick(2) === 0 }) }),
      () => ({ type: 'keys', data: encodeKeysMessage({ type: 'wheel', dx: 0, dy: pick(3) }) }),
      () => ({ type: 'keys', data: encodeKeysMessage({ type: 'release-all' }) }),
      () => ({ type: 'pointer', data: this.#pointer.encode({ type: 'pointer', x: random1(pick), y: random1(pick) }) }),
    ]
    // Below the host's limits, behind which the best client is a flood.
    if (this.#wishes < mostWishes) {
      ways.push(() => {
        this.#wishes++
        return { type: 'want-key' }
      })
    }
    if (this.unacknowledged > 0 && this.#receipts < mostReceipts) {
      const count = 1 + pick(Math.min(this.unacknowledged, 500))
      ways.push(() => ({
        type: 'receipt',
        arrivalsUs: Array.from({ length: count }, () => Math.round(performance.now() * 1000)),
      }))
    }
    const message = ways[pick(ways.length)]?.()
    if (!message) return
    if (message.type === 'receipt') {
      this.#receipts++
      this.unacknowledged -= message.arrivalsUs.length
    }
    this.#monitor.sent(message.type)
    this.say(encodeClientMedia(message))
  }

  #hear(data: Buffer): void {
    this.received++
    this.unacknowledged++
    try {
      const message = decodeHostMedia(data)
      this.#monitor.received(message.type)
      if (message.type === 'picture' || message.type === 'part') this.#assembly.add(message)
    } catch (error) {
      this.complaints.push(`the host broke the media protocol: ${String(error)}`)
      this.cut()
    }
  }
}

function random1(pick: (below: number) => number): number {
  return pick(1000) / 1000
}
