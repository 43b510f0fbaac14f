import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { monotonicUs } from '../../src/media/contract/monotonic.ts'
import { SimulatedLink, type LinkConditions } from '../../src/net/link/simulated-link.ts'
import { CubicFlow } from './cubic-flow.ts'

const headBytes = 28
/** The way back is as long, and never narrow. */
const freeBack = { rateBps: Infinity, queueUs: 1e6 }

interface Carried {
  arrive(nowUs: number): void
}

/** What has passed the narrow part, and how long each datagram waited before it. */
export interface Passed {
  readonly bits: number
  /** Of them, what came to the receiver of this path: others may share the narrow part. */
  readonly ownBits: number
  readonly waitsMs: readonly number[]
}

/**
 * A bottleneck for real datagrams of this machine: what is sent to `senderPort` goes through a narrow part to the receiver, which is whoever
 * sends to `receiverPort`, or where it was said to be; what that sends goes back to the sender.
 */
export class NarrowPath implements AsyncDisposable {
  /** Where the sender, and where the receiver believes the other one to be, on 127.0.0.1. */
  readonly senderPort: number
  readonly receiverPort: number
  /** Where the sender is; what comes before that is known is lost. */
  sender: Pick<RemoteInfo, 'address' | 'port'> | undefined
  receiver: Pick<RemoteInfo, 'address' | 'port'> | undefined
  readonly #sockets: readonly [Socket, Socket]
  readonly #down: SimulatedLink<Carried>
  readonly #back: SimulatedLink<Carried>
  readonly #timer: NodeJS.Timeout
  #download: { run(nowUs: number): void } | undefined
  #carriedBefore = 0
  #ownBytes = 0
  #waitsMs: number[] = []

  private constructor(
    sockets: readonly [Socket, Socket],
    conditions: Partial<LinkConditions>,
    beside: NarrowPath | undefined,
  ) {
    const [nearSender, nearReceiver] = sockets
    this.#sockets = sockets
    this.senderPort = nearSender.address().port
    this.receiverPort = nearReceiver.address().port
    this.#down = beside ? beside.#down : new SimulatedLink(conditions, 1)
    this.#back = new SimulatedLink({ delayUs: conditions.delayUs ?? 0, ...freeBack }, 2)
    nearSender.on('message', (bytes) => {
      const nowUs = monotonicUs()
      this.#waitsMs.push(this.#down.queueUs(nowUs) / 1000)
      const arrive = () => {
        this.#ownBytes += bytes.length + headBytes
        if (this.receiver) nearReceiver.send(bytes, this.receiver.port, this.receiver.address)
      }
      this.#down.send({ arrive }, bytes.length + headBytes, nowUs)
    })
    nearReceiver.on('message', (bytes, from) => {
      this.receiver ??= from
      const arrive = () => this.sender && nearSender.send(bytes, this.sender.port, this.sender.address)
      this.#back.send({ arrive }, bytes.length + headBytes, monotonicUs())
    })
    this.#timer = setInterval(() => this.#pass(), 1)
  }

  /** `beside`: another path, whose narrow part this one goes through too. */
  static async open(conditions: Partial<LinkConditions>, beside?: NarrowPath): Promise<NarrowPath> {
    const sockets = [createSocket('udp4'), createSocket('udp4')] as const
    for (const socket of sockets) {
      socket.bind(0, '127.0.0.1')
      await once(socket, 'listening')
      socket.setRecvBufferSize(4 * 1024 * 1024)
    }
    return new NarrowPath(sockets, conditions, beside)
  }

  get conditions(): LinkConditions {
    return this.#down.conditions
  }

  /** Before a full queue, or at random, in all. */
  get lost(): number {
    return this.#down.lost
  }

  /** Somebody else's download goes through the narrow part from now on. */
  download(): void {
    const { delayUs } = this.conditions
    // Its time begins with it.
    const sinceUs = monotonicUs()
    const flow = new CubicFlow((packet, bytes, nowUs) => {
      this.#down.send({ arrive: (atUs) => flow.onDatagram(packet, atUs - sinceUs) }, bytes, nowUs + sinceUs)
    }, delayUs)
    this.#download = { run: (nowUs) => flow.run(nowUs - sinceUs) }
  }

  /** Since the last call. */
  take(): Passed {
    const carried = this.#down.carriedBytes
    const passed = {
      bits: (carried - this.#carriedBefore) * 8,
      ownBits: this.#ownBytes * 8,
      waitsMs: this.#waitsMs,
    }
    this.#ownBytes = 0
    this.#carriedBefore = carried
    this.#waitsMs = []
    return passed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    for (const socket of this.#sockets) socket.close()
  }

  #pass(): void {
    const nowUs = monotonicUs()
    this.#download?.run(nowUs)
    for (const link of [this.#down, this.#back]) {
      for (let next = link.receive(nowUs); next; next = link.receive(nowUs)) next.datagram.arrive(next.arrivalUs)
    }
  }
}
