import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { ConversationMonitor, planConversation } from '../../../src/kernel/monitor/conversation.ts'
import { seededRandom } from '../../../src/kernel/seeded-random.ts'
import { decodeServerMessage, encodeSignal } from '../../../src/wire/signal/codec.ts'
import {
  bearerSubprotocolPrefix,
  signalCloseCode,
  signalSubprotocol,
  type ClientMessage,
  type ServerMessage,
} from '../../../src/wire/signal/messages.ts'
import { maxCandidates, signalling } from '../../../src/wire/signal/protocol.ts'
import { SignallingWords } from './signalling-words.ts'

export interface FuzzTarget {
  readonly url: string
  readonly token: string
  readonly lobbyId: string
}

/** A message that is wrong whatever of the host's is under way, behind some that are right, and what the host may call it. */
interface Wrong {
  readonly before: readonly ClientMessage[]
  readonly message: string | Uint8Array
  readonly codes: readonly string[]
}

const outOfOrder = ['out-of-order', 'unexpected-message']

/** How one conversation was to end: by something wrong, by `bye`, or by a cut. */
export type FuzzPlan = 'wrong' | 'bye' | 'cut'

export interface FuzzOutcome {
  readonly plan: FuzzPlan
  readonly sent: number
  readonly received: number
  /** What the server did that it should not have; empty when all was right. */
  readonly complaints: readonly string[]
}

const plan = planConversation(signalling, 'client')
/** Below the host's limits for one connection, behind which the best client is a flood. */
const burst = 150
const perSecond = 40
const mostOffers = 20
/** Nothing that a server does takes as long, however busy the machine. */
const patienceMs = 60_000

/**
 * One conversation with a running server, as the declaration allows it and the seed chooses, until it is said goodbye, cut, or
 * broken by something that is wrong whatever is under way. The host is held to the protocol all the while, and has to fault at the
 * first wrong message: what stood before it is answered, what stands behind it never.
 */
export async function fuzzConversation(target: FuzzTarget, seed: number, most: number): Promise<FuzzOutcome> {
  const random = seededRandom(seed)
  const pick = (below: number) => Math.floor(random() * below)
  const kind = pick(10)
  const how: FuzzPlan = kind < 6 ? 'wrong' : kind < 8 ? 'bye' : 'cut'
  return await new Fuzzed(target, pick, how).run(1 + pick(most))
}

class Fuzzed {
  readonly #pick: (below: number) => number
  readonly #plan: FuzzPlan
  readonly #socket: WebSocket
  readonly #words: SignallingWords
  readonly #monitor = new ConversationMonitor(plan)
  readonly #complaints: string[] = []
  readonly #pongs = new Set<number>()
  readonly #closed = Promise.withResolvers<number>()
  readonly #greeted = Promise.withResolvers<void>()
  readonly #told = new Set<string>()
  #wake = () => {}
  #sent = 0
  #received = 0
  #offers = 0
  #isOver = false

  constructor(target: FuzzTarget, pick: (below: number) => number, how: FuzzPlan) {
    this.#pick = pick
    this.#plan = how
    this.#words = new SignallingWords({ lobbyId: target.lobbyId, pick })
    this.#socket = new WebSocket(target.url, [signalSubprotocol, bearerSubprotocolPrefix + target.token])
    this.#socket.on('message', (data: Buffer) => this.#hear(data))
    this.#socket.on('error', () => {})
    this.#socket.on('close', (code) => {
      this.#isOver = true
      this.#closed.resolve(code)
      this.#greeted.resolve()
      this.#wake()
    })
  }

  async run(count: number): Promise<FuzzOutcome> {
    const timer = setTimeout(() => {
      this.#complaints.push(`it hung after ${this.#sent} messages`)
      this.#socket.terminate()
    }, patienceMs)
    await this.#greeted.promise
    for (let index = 0; index < count && !this.#isOver; index++) {
      this.#saySomething()
      if (this.#sent > burst) await pause(1000 / perSecond)
      else if (index % 16 === 0) await pause(0)
    }
    if (this.#isOver)
      this.#complaints.push(`it ended by itself (${await this.#closed.promise}, ${[...this.#told].join()})`)
    else if (this.#plan === 'wrong') await this.#breakIt()
    else if (this.#plan === 'bye') await this.#leave()
    else this.#socket.terminate()
    await this.#closed.promise
    clearTimeout(timer)
    return { plan: this.#plan, sent: this.#sent, received: this.#received, complaints: this.#complaints }
  }

  #saySomething(): void {
    const allowed = this.#monitor.expected.filter(({ direction, label }) => {
      if (direction !== 'sent' || label === 'bye') return false
      return label !== 'offer' || this.#offers < mostOffers
    })
    const { label } = allowed[this.#pick(allowed.length)] ?? {}
    if (label !== undefined) this.#say(this.#words.make(label as ClientMessage['type']))
  }

  #say(message: ClientMessage): void {
    this.#monitor.sent(message.type)
    if (message.type === 'offer') this.#offers++
    this.#write(encodeSignal(message))
  }

  #write(data: string | Uint8Array): void {
    this.#sent++
    this.#socket.send(data, { binary: typeof data !== 'string' })
  }

  #hear(data: Buffer): void {
    this.#received++
    let message: ServerMessage
    try {
      message = decodeServerMessage(data)
      // A faulted conversation says why outside of its protocol.
      if (message.type !== 'error') this.#monitor.received(message.type)
    } catch (error) {
      this.#complaints.push(`the host broke the protocol: ${String(error)}`)
      return this.#socket.terminate()
    }
    if (message.type === 'ready') this.#greeted.resolve()
    if (message.type === 'error') this.#told.add(message.code)
    if (message.type === 'pong') this.#pongs.add(message.timestamp)
    this.#wake()
  }

  /** Resolves when it has come to that, or the conversation is over. */
  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo() && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async #breakIt(): Promise<void> {
    await this.#until(() => this.#monitor.may('sent', 'ping'))
    if (this.#isOver) return void this.#complaints.push(`it ended by itself (${[...this.#told].join()})`)
    const before = this.#words.ping()
    this.#say(before)
    const wrong = this.#wrong()
    for (const each of wrong.before) this.#say(each)
    this.#write(wrong.message)
    const behind = this.#words.ping()
    this.#write(encodeSignal(behind))
    const code = await this.#closed.promise
    if (!this.#pongs.has(before.timestamp)) this.#complaints.push('what stood before the fault was not answered')
    if (this.#pongs.has(behind.timestamp)) this.#complaints.push('what stood behind the fault was answered')
    // Behind a goodbye the host may have gone before it reads what is wrong.
    if (code === 1000 && wrong.before.some(({ type }) => type === 'bye')) return
    if (code !== signalCloseCode.protocolViolation) this.#complaints.push(`a fault was closed with ${code}`)
    if (!wrong.codes.some((each) => this.#told.has(each))) {
      const what = String(wrong.message).slice(0, 80)
      this.#complaints.push(`a fault ${wrong.codes.join(' or ')} was told as ${[...this.#told].join()}: ${what}`)
    }
  }

  #wrong(): Wrong {
    const make = (type: ClientMessage['type']) => this.#words.make(type)
    const disorder = (before: readonly ClientMessage[], type: ClientMessage['type']): Wrong => {
      return { before, message: encodeSignal(make(type)), codes: outOfOrder }
    }
    const ways: (() => Wrong)[] = [
      () => ({ before: [], message: this.#words.nonsense(), codes: ['malformed', 'unknown-type', 'too-long'] }),
      () => disorder([make('limit')], 'reconnect'),
      () => disorder([make('bye')], 'join'),
      () => disorder([make('bye')], 'bye'),
    ]
    if (this.#offers === 0) {
      ways.push(() => disorder([], 'candidate'))
      const all = () => Array.from({ length: maxCandidates }, () => make('candidate'))
      ways.push(() => disorder([make('offer'), ...all()], 'candidate'))
    }
    return (ways[this.#pick(ways.length)] as (typeof ways)[number])()
  }

  async #leave(): Promise<void> {
    this.#say({ type: 'bye' })
    const code = await this.#closed.promise
    if (code !== 1000) this.#complaints.push(`a goodbye was answered with ${code}`)
  }
}
