/** RFC 9438. */
const beta = 0.7
const growth = 0.4
const packetBytes = 1448
const headerBytes = 52
const firstWindow = 10
const duplicates = 3
const timeoutUs = 1_000_000

interface CubicPacket {
  readonly number: number
  readonly bytes: number
}

/** Puts a packet on its way, with `bytes` on the wire, to {@link CubicFlow.onDatagram} or to nobody. */
type Send = (packet: CubicPacket, bytes: number, nowUs: number) => void

/**
 * Somebody else's download through the same link: as much as CUBIC (RFC 9438) makes of it, with losses found by later arrivals. In
 * virtual time; what is lost is not sent again, as there is no end of what is to be sent.
 */
export class CubicFlow {
  receivedBytes = 0
  readonly #send: Send
  readonly #backUs: number
  readonly #acks: { readonly number: number; readonly atUs: number }[] = []
  readonly #onWay = new Map<number, number>()
  #next = 0
  #window = firstWindow
  #threshold = Infinity
  /** The window before the last loss, when that was, and until which number its losses count as one. */
  #most = 0
  #lossUs = 0
  #recoveredAt = -1
  #heardUs = 0
  #roundTripUs = 100_000

  /** `backUs`: how long an acknowledgement takes. */
  constructor(send: Send, backUs: number) {
    this.#send = send
    this.#backUs = backUs
  }

  onDatagram({ number, bytes }: CubicPacket, nowUs: number): void {
    this.receivedBytes += bytes
    this.#acks.push({ number, atUs: nowUs + this.#backUs })
  }

  /** Time has passed: takes what was acknowledged by now, and sends what the window has room for. */
  run(nowUs: number): void {
    while ((this.#acks[0]?.atUs ?? Infinity) <= nowUs) this.#onAck(this.#acks.shift()?.number ?? 0, nowUs)
    if (this.#onWay.size > 0 && nowUs - this.#heardUs > timeoutUs) {
      this.#onWay.clear()
      this.#threshold = this.#window / 2
      this.#window = 1
      this.#heardUs = nowUs
    }
    while (this.#onWay.size < Math.floor(this.#window)) {
      const number = this.#next++
      this.#onWay.set(number, nowUs)
      this.#send({ number, bytes: packetBytes }, packetBytes + headerBytes, nowUs)
    }
  }

  #onAck(number: number, nowUs: number): void {
    const sentUs = this.#onWay.get(number)
    if (sentUs === undefined) return
    this.#heardUs = nowUs
    this.#roundTripUs += (nowUs - sentUs - this.#roundTripUs) / 8
    this.#onWay.delete(number)
    for (const earlier of this.#onWay.keys()) {
      if (earlier > number - duplicates) break
      this.#onWay.delete(earlier)
      this.#onLoss(earlier, nowUs)
    }
    if (this.#window < this.#threshold) this.#window++
    else this.#window += Math.max(0, this.#wanted(nowUs) - this.#window) / this.#window
  }

  #onLoss(number: number, nowUs: number): void {
    if (number <= this.#recoveredAt) return
    this.#recoveredAt = this.#next
    this.#most = this.#window < this.#most ? (this.#window * (1 + beta)) / 2 : this.#window
    this.#window = Math.max(2, this.#window * beta)
    this.#threshold = this.#window
    this.#lossUs = nowUs
  }

  /** Sections 4.2 and 4.3: the cubic, or what Reno would have by now. */
  #wanted(nowUs: number): number {
    const seconds = (nowUs - this.#lossUs + this.#roundTripUs) / 1e6
    const back = Math.cbrt((this.#most * (1 - beta)) / growth)
    const cubic = growth * (seconds - back) ** 3 + this.#most
    const reno = this.#most * beta + ((3 * (1 - beta)) / (1 + beta)) * (seconds / (this.#roundTripUs / 1e6))
    return Math.max(cubic, reno)
  }
}
