import type { Clock, Timer } from '../../kernel/clock.ts'
import type { DnsMessage, DnsQuestion, DnsRecord } from '../../wire/mdns/dns-message.ts'
import { isSameName, nameKey, type DnsName } from '../../wire/mdns/dns-name.ts'
import type { Multicast } from './announcer.ts'
import { typeName, type FoundService } from './service.ts'

export interface BrowserOptions {
  /** `_nvstream._tcp`. */
  readonly type: string
  readonly clock: Clock
  /** 0 to 1. */
  readonly random: () => number
  readonly multicast: Multicast
  /** Whether an address may be told of. */
  readonly lets: (address: string) => boolean
  readonly onChange: (found: readonly FoundService[]) => void
}

interface Instance {
  readonly name: DnsName
  untilMs: number
  /** Where it is; undefined as long as nobody has said so. */
  target: { readonly name: DnsName; readonly key: string } | undefined
  port: number
  texts: readonly string[]
}

interface Host {
  readonly name: DnsName
  /** Until when each holds. */
  readonly addresses: Map<string, number>
}

/** More than that on one network is somebody's play: the first ones stay. */
const mostServices = 64
const mostAddresses = 8
const mostQuestions = 16
/** What is kept longer than that is asked for again anyway. */
const mostTtlMs = 75 * 60_000
const firstAskMs = 1000
const rarestAskMs = 60 * 60_000
const tickMs = 1000

/** Which services of a type there are on the network, as far as they say so and for as long as that holds (RFC 6762, 5.2). */
export class ServiceBrowser {
  readonly #options: BrowserOptions
  readonly #type: DnsName
  readonly #instances = new Map<string, Instance>()
  readonly #hosts = new Map<string, Host>()
  readonly #tick: Timer
  #ask: Timer | undefined
  #pauseMs = firstAskMs
  #askedMs = -Infinity
  #told = '[]'

  /** Begins at once. */
  constructor(options: BrowserOptions) {
    this.#options = options
    this.#type = typeName(options.type)
    this.#tick = options.clock.every(tickMs, () => this.#forget())
    this.#askIn(20 + options.random() * 100)
  }

  /** Those whose address is known, in the order of their coming. */
  get found(): readonly FoundService[] {
    return this.#instances
      .values()
      .flatMap(({ name, target, port, texts }) => {
        const addresses = target && this.#hosts.get(target.key)?.addresses
        return addresses?.size ? [{ name: name[0] as string, port, addresses: [...addresses.keys()], texts }] : []
      })
      .toArray()
  }

  take({ isResponse, answers, additionals }: DnsMessage): void {
    if (!isResponse) return
    const records = [...answers, ...additionals]
    for (const record of records) if (record.type === 'PTR') this.#learnInstance(record)
    for (const record of records) this.#learnPlace(record)
    const wanted = this.#targets()
    for (const record of records) if (record.type === 'A') this.#learnAddress(record, wanted)
    this.#tell()
    if (this.#unknown().length > 0 && this.#options.clock.nowMs() - this.#askedMs >= firstAskMs) this.#askIn(100)
  }

  close(): void {
    this.#tick.cancel()
    this.#ask?.cancel()
  }

  #learnInstance({ name, target, ttlS }: DnsRecord & { type: 'PTR' }): void {
    if (!isSameName(name, this.#type) || !isSameName(target.slice(1), this.#type)) return
    const key = nameKey(target)
    const known = this.#instances.get(key)
    if (ttlS === 0) this.#instances.delete(key)
    else if (known) known.untilMs = this.#untilMs(ttlS)
    else if (this.#instances.size < mostServices) {
      const untilMs = this.#untilMs(ttlS)
      this.#instances.set(key, { name: target, untilMs, target: undefined, port: 0, texts: [] })
    }
  }

  #learnPlace(record: DnsRecord): void {
    if (record.ttlS === 0 || (record.type !== 'SRV' && record.type !== 'TXT')) return
    const instance = this.#instances.get(nameKey(record.name))
    if (instance === undefined) return
    if (record.type === 'TXT') instance.texts = record.texts.slice(0, 32)
    else {
      instance.target = { name: record.target, key: nameKey(record.target) }
      instance.port = record.port
    }
  }

  #learnAddress({ name, address, ttlS }: DnsRecord & { type: 'A' }, wanted: ReadonlySet<string>): void {
    const key = nameKey(name)
    if (!wanted.has(key) || !this.#options.lets(address)) return
    const { addresses } = this.#hosts.get(key) ?? { addresses: new Map<string, number>() }
    if (ttlS === 0) addresses.delete(address)
    else if (addresses.has(address) || addresses.size < mostAddresses) addresses.set(address, this.#untilMs(ttlS))
    this.#hosts.set(key, { name, addresses })
  }

  #untilMs(ttlS: number): number {
    return this.#options.clock.nowMs() + Math.min(mostTtlMs, ttlS * 1000)
  }

  #targets(): ReadonlySet<string> {
    return new Set(this.#instances.values().flatMap(({ target }) => (target ? [target.key] : [])))
  }

  #forget(): void {
    const nowMs = this.#options.clock.nowMs()
    for (const [key, { untilMs }] of this.#instances) if (nowMs >= untilMs) this.#instances.delete(key)
    const targets = this.#targets()
    for (const [key, { addresses }] of this.#hosts) {
      for (const [address, untilMs] of addresses) if (nowMs >= untilMs) addresses.delete(address)
      if (addresses.size === 0 || !targets.has(key)) this.#hosts.delete(key)
    }
    this.#tell()
    // What is about to be forgotten is asked for before.
    const isAging = this.#instances.values().some(({ untilMs }) => untilMs - nowMs < mostTtlMs / 5)
    const isOld = this.#hosts
      .values()
      .some(({ addresses }) => addresses.values().some((untilMs) => untilMs - nowMs < 30_000))
    if ((isAging || isOld) && nowMs - this.#askedMs >= 10_000) this.#askIn(0)
  }

  #unknown(): DnsQuestion[] {
    return this.#instances
      .values()
      .flatMap(({ name, target }): DnsQuestion[] => {
        if (target === undefined)
          return [
            { name, type: 'SRV' },
            { name, type: 'TXT' },
          ]
        return this.#hosts.has(target.key) ? [] : [{ name: target.name, type: 'A' }]
      })
      .take(mostQuestions)
      .toArray()
  }

  #askIn(delayMs: number): void {
    const { clock, multicast } = this.#options
    this.#ask?.cancel()
    this.#ask = clock.after(delayMs, () => {
      const hosts = this.#hosts.values().take(mostQuestions)
      const questions: DnsQuestion[] = [
        { name: this.#type, type: 'PTR' },
        ...this.#unknown(),
        ...hosts.map(({ name }): DnsQuestion => ({ name, type: 'A' })),
      ]
      this.#askedMs = clock.nowMs()
      multicast(() => ({ id: 0, isResponse: false, questions, answers: [], authorities: [], additionals: [] }))
      this.#askIn(this.#pauseMs)
      this.#pauseMs = Math.min(rarestAskMs, this.#pauseMs * 3)
    })
  }

  #tell(): void {
    const found = this.found
    const told = JSON.stringify(found)
    if (told === this.#told) return
    this.#told = told
    this.#options.onChange(found)
  }
}
