import type { Clock, Timer } from '../../kernel/clock.ts'
import { encodeDnsData, type DnsMessage, type DnsQuestion, type DnsRecord } from '../../wire/mdns/dns-message.ts'
import { isSameName, type DnsName } from '../../wire/mdns/dns-name.ts'
import { allTypes, typeName, type OwnService } from './service.ts'

/** Sends a message on every link: `make` is given the host's own address there. */
export type Multicast = (make: (address: string) => DnsMessage) => void

export interface AnnouncerOptions {
  readonly service: OwnService
  /** Of this process: no other host has it. */
  readonly host: DnsName
  readonly clock: Clock
  /** 0 to 1. */
  readonly random: () => number
  readonly multicast: Multicast
}

const probes = 3
const probeMs = 250
/** To who has lost a tie: the other is announced by then. */
const deferredMs = 1000
/** After so many conflicts somebody plays with us, and is given little to play with. */
const manyConflicts = 10
const sulkMs = 5000
const repeatMs = 1000
/** Between two answers to everybody; who asks for our own name goes on without it a moment later. */
const answerMs = 1000
const defenceMs = 250
const mostLabelBytes = 63
/** Records that name a host live shorter than those that do not (RFC 6762, 10). */
const ttlS = { host: 120, other: 4500 } as const

/**
 * Says that a service is here: asks whether its name is free, tells everybody, answers who asks, and takes it back at the end
 * (RFC 6762, 8 to 10). A name that another host has is not taken: the next is `name (2)`.
 */
export class ServiceAnnouncer {
  readonly #options: AnnouncerOptions
  #state: 'probing' | 'announced' | 'ended' = 'probing'
  #copy = 1
  #conflicts = 0
  #timer: Timer | undefined
  #answer: { readonly atMs: number; readonly timer: Timer } | undefined
  #answeredMs = -Infinity

  /** Begins at once. */
  constructor(options: AnnouncerOptions) {
    this.#options = options
    this.#probe(options.random() * probeMs)
  }

  /** What it is called now; undefined while that is being found out. */
  get name(): string | undefined {
    return this.#state === 'announced' ? this.#label : undefined
  }

  take(message: DnsMessage): void {
    if (this.#state === 'ended') return
    if (message.isResponse) {
      if ([...message.answers, ...message.additionals].some((record) => this.#contradicts(record))) this.#onConflict()
      return
    }
    const rival = message.authorities.find((record) => this.#contradicts(record))
    if (this.#state === 'probing') {
      if (rival !== undefined && isBefore(encodeDnsData(this.#serviceRecord), encodeDnsData(rival))) {
        this.#probe(deferredMs)
      }
      return
    }
    if (rival !== undefined) this.#answerIn(0, defenceMs)
    else if (message.questions.some((question) => this.#isAsked(question, message.answers))) {
      this.#answerIn(20 + this.#options.random() * 100, answerMs)
    }
  }

  /** What one is told who is no part of this and waits for an answer of its own; undefined when nothing of ours was asked. */
  replyTo({ id, questions }: DnsMessage, address: string): DnsMessage | undefined {
    if (this.#state !== 'announced' || !questions.some((question) => this.#isAsked(question, []))) return undefined
    const told = this.#told(address, ttlS)
    const brief = (record: DnsRecord): DnsRecord => ({ ...record, flush: false, ttlS: Math.min(10, record.ttlS) })
    return { ...told, id, questions: questions.slice(0, 4), answers: told.answers.map(brief) }
  }

  /** The host's addresses have changed, or what everybody was told may not have come. */
  tell(): void {
    if (this.#state === 'announced') this.#announce(2)
  }

  /** Takes back what it has said. */
  close(): void {
    if (this.#state === 'announced') {
      this.#options.multicast((address) => this.#told(address, { host: 0, other: 0 }))
    }
    this.#state = 'ended'
    this.#timer?.cancel()
    this.#answer?.timer.cancel()
  }

  get #label(): string {
    const suffix = this.#copy === 1 ? '' : ` (${this.#copy})`
    return shortened(this.#options.service.name, mostLabelBytes - suffix.length) + suffix
  }

  get #type(): DnsName {
    return typeName(this.#options.service.type)
  }

  get #instance(): DnsName {
    return [this.#label, ...this.#type]
  }

  get #serviceRecord(): DnsRecord {
    const { service, host } = this.#options
    return { type: 'SRV', name: this.#instance, target: host, port: service.port, ttlS: ttlS.host, flush: true }
  }

  #told(address: string, { host: hostTtlS, other: otherTtlS }: Record<keyof typeof ttlS, number>): DnsMessage {
    const { service, host } = this.#options
    const instance = this.#instance
    return {
      id: 0,
      isResponse: true,
      questions: [],
      answers: [
        { type: 'PTR', name: this.#type, target: instance, ttlS: otherTtlS, flush: false },
        { ...this.#serviceRecord, ttlS: hostTtlS },
        { type: 'TXT', name: instance, texts: service.texts, ttlS: otherTtlS, flush: true },
        { type: 'A', name: host, address, ttlS: hostTtlS, flush: true },
        // Others have services of this type too: that is not taken back.
        ...(otherTtlS > 0
          ? [{ type: 'PTR', name: allTypes, target: this.#type, ttlS: otherTtlS, flush: false } as const]
          : []),
      ],
      authorities: [],
      additionals: [],
    }
  }

  #isAsked({ name, type }: DnsQuestion, known: readonly DnsRecord[]): boolean {
    const isOf = (...wanted: DnsQuestion['type'][]) => type === 'ANY' || wanted.includes(type)
    if (isSameName(name, this.#type) && isOf('PTR')) {
      return !known.some(
        (record) => record.type === 'PTR' && isSameName(record.target, this.#instance) && record.ttlS >= ttlS.other / 2,
      )
    }
    return (
      (isSameName(name, allTypes) && isOf('PTR')) ||
      (isSameName(name, this.#instance) && isOf('SRV', 'TXT')) ||
      (isSameName(name, this.#options.host) && isOf('A'))
    )
  }

  #contradicts(record: DnsRecord): boolean {
    if (record.type !== 'SRV' || record.ttlS === 0 || !isSameName(record.name, this.#instance)) return false
    const { service, host } = this.#options
    return record.port !== service.port || !isSameName(record.target, host)
  }

  /** One that was announced asks again for its name before it gives it up: what it heard may be long out of date. */
  #onConflict(): void {
    this.#conflicts++
    if (this.#state === 'probing') this.#copy = (this.#copy % 999) + 1
    this.#probe(this.#conflicts >= manyConflicts ? sulkMs : this.#options.random() * probeMs)
  }

  #probe(delayMs: number): void {
    const { clock, multicast } = this.#options
    this.#state = 'probing'
    this.#answer?.timer.cancel()
    this.#answer = undefined
    let asked = 0
    const next = () => {
      if (asked++ === probes) return this.#announce(2)
      const instance = this.#instance
      multicast(() => ({
        id: 0,
        isResponse: false,
        questions: [{ name: instance, type: 'ANY' }],
        answers: [],
        authorities: [{ ...this.#serviceRecord, flush: false }],
        additionals: [],
      }))
      this.#timer = clock.after(probeMs, next)
    }
    this.#timer?.cancel()
    this.#timer = clock.after(delayMs, next)
  }

  #announce(times: number): void {
    this.#state = 'announced'
    this.#multicastAll()
    this.#timer?.cancel()
    if (times > 1) this.#timer = this.#options.clock.after(repeatMs, () => this.#announce(times - 1))
    else this.#conflicts = 0
  }

  #answerIn(delayMs: number, apartMs: number): void {
    const { clock } = this.#options
    const atMs = Math.max(this.#answeredMs + apartMs, clock.nowMs() + delayMs)
    if (this.#answer !== undefined && this.#answer.atMs <= atMs) return
    this.#answer?.timer.cancel()
    const timer = clock.after(atMs - clock.nowMs(), () => {
      this.#answer = undefined
      this.#multicastAll()
    })
    this.#answer = { atMs, timer }
  }

  #multicastAll(): void {
    this.#answeredMs = this.#options.clock.nowMs()
    this.#options.multicast((address) => this.#told(address, ttlS))
  }
}

/** Whole characters of it, within so many bytes. */
function shortened(text: string, bytes: number): string {
  const encoder = new TextEncoder()
  let kept = ''
  for (const character of text) {
    if (encoder.encode(kept + character).length > bytes) break
    kept += character
  }
  return kept
}

/** Byte by byte, as both hosts do. */
function isBefore(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) < 0
}
