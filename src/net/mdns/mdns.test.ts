import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { decodeDnsMessage, encodeDnsMessage, type DnsMessage, type DnsRecord } from '../../wire/mdns/dns-message.ts'
import { ServiceAnnouncer } from './announcer.ts'
import { ServiceBrowser } from './browser.ts'
import { typeName, type FoundService } from './service.ts'

const type = '_nvstream._tcp'
const nothing = { id: 0, isResponse: false, questions: [], answers: [], authorities: [], additionals: [] } as const
const question: DnsMessage = { ...nothing, questions: [{ name: typeName(type), type: 'PTR' }] }

test('ServiceBrowser finds what ServiceAnnouncer announces, and hears when it is taken back', () => {
  const link = new Link()
  const browser = link.browse()
  const announcer = link.announce('Living room', '192.168.1.5', 47_989)
  link.clock.advance(3000)
  const found = { name: 'Living room', port: 47_989, addresses: ['192.168.1.5'], texts: ['version=1'] }
  assert.deepEqual(browser.found, [found])
  assert.deepEqual(link.told.at(-1), [found])
  announcer.close()
  link.clock.advance(1)
  assert.deepEqual(link.told.at(-1), [])
})

test('ServiceBrowser that comes later asks, and is told', () => {
  const link = new Link()
  link.announce('Living room', '192.168.1.5', 47_989)
  link.clock.advance(60_000)
  const browser = link.browse()
  link.clock.advance(1000)
  assert.equal(browser.found.length, 1)
})

test('ServiceBrowser forgets a host that has gone without a word', () => {
  const link = new Link()
  link.announce('Living room', '192.168.1.5', 47_989)
  const browser = link.browse()
  link.clock.advance(3000)
  link.loses = ({ isResponse }) => isResponse
  link.clock.advance(60_000)
  assert.equal(browser.found.length, 1)
  link.clock.advance(80_000)
  assert.deepEqual(browser.found, [])
})

test('ServiceAnnouncer stays found for hours, with few messages', () => {
  const link = new Link()
  link.announce('Living room', '192.168.1.5', 47_989)
  const browser = link.browse()
  link.clock.advance(3000)
  link.count = 0
  for (let minutes = 0; minutes < 180; minutes++) {
    link.clock.advance(60_000)
    assert.equal(browser.found.length, 1, `after ${minutes} minutes`)
  }
  assert.ok(link.count < 180 * 8, `${link.count} messages`)
})

test('ServiceAnnouncer takes another name when a host has it, whoever comes first', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(3000), (seed, laterMs) => {
      const link = new Link(seed)
      const hosts = [link.announce('TV', '192.168.1.5', 1)]
      link.clock.advance(laterMs)
      hosts.push(link.announce('TV', '192.168.1.6', 1), link.announce('tv', '192.168.1.7', 1))
      link.clock.advance(20_000)
      const names = new Set(hosts.map(({ name }) => name?.toLowerCase()))
      assert.deepEqual(names, new Set(['tv', 'tv (2)', 'tv (3)']))
    }),
    { numRuns: 60 },
  )
})

test('ServiceAnnouncer keeps its name against one that asks whether it is free', () => {
  const link = new Link()
  const first = link.announce('TV', '192.168.1.5', 1)
  link.clock.advance(10_000)
  for (const _ of Array.from({ length: 20 })) link.say(question)
  const second = link.announce('TV', '192.168.1.6', 1)
  link.clock.advance(20_000)
  assert.deepEqual([first.name, second.name], ['TV', 'TV (2)'])
})

test('ServiceAnnouncer cuts a name that is too long for a label, between characters', () => {
  const link = new Link()
  const names = ['ä'.repeat(40), 'ä'.repeat(40)].map((name, index) => link.announce(name, `192.168.1.${index}`, 1))
  link.clock.advance(20_000)
  assert.deepEqual(new Set(names.map(({ name }) => name)), new Set(['ä'.repeat(31), `${'ä'.repeat(29)} (2)`]))
})

test('ServiceAnnouncer answers a flood of questions once a second, and one who knows already not at all', () => {
  const link = new Link()
  link.announce('Living room', '192.168.1.5', 1)
  link.clock.advance(10_000)
  link.count = 0
  for (let ms = 0; ms < 5000; ms++) {
    link.say(question)
    link.clock.advance(1)
  }
  assert.ok(link.count >= 4 && link.count <= 6, `${link.count} answers`)
  link.clock.advance(2000)
  link.count = 0
  const target = ['Living room', ...typeName(type)]
  const known: DnsRecord = { type: 'PTR', name: typeName(type), target, ttlS: 4000, flush: false }
  link.say({ ...question, answers: [known] })
  link.clock.advance(2000)
  assert.equal(link.count, 0)
})

test('ServiceAnnouncer gives little to one who claims every name that it takes', () => {
  const link = new Link()
  const announcer = link.announce('TV', '192.168.1.5', 1)
  link.onSaid = ({ authorities }) => {
    for (const record of authorities) link.say({ ...nothing, isResponse: true, answers: [stolen(record.name)] })
  }
  link.clock.advance(10_000)
  link.count = 0
  link.clock.advance(600_000)
  assert.ok(link.count < 600, `${link.count} messages in ten minutes`)
  link.onSaid = () => {}
  link.clock.advance(20_000)
  assert.match(announcer.name ?? '', /^TV \(\d+\)$/)
})

test('ServiceAnnouncer replies to who takes no part, for its question alone', () => {
  const link = new Link()
  const announcer = link.announce('Living room', '192.168.1.5', 47_989)
  assert.equal(announcer.replyTo({ ...question, id: 7 }, '192.168.1.5'), undefined, 'before its name is its own')
  link.clock.advance(3000)
  const reply = announcer.replyTo({ ...question, id: 7 }, '192.168.1.5')
  assert.deepEqual([reply?.id, reply?.questions], [7, question.questions])
  assert.ok(reply?.answers.every(({ ttlS, flush }) => ttlS <= 10 && !flush))
  const other: DnsMessage = { ...nothing, questions: [{ name: typeName('_ipp._tcp'), type: 'PTR' }] }
  assert.equal(announcer.replyTo(other, '192.168.1.5'), undefined)
})

test('ServiceBrowser holds a bounded number of services and addresses, and none that it may not tell of', () => {
  const link = new Link()
  const browser = link.browse()
  for (let index = 0; index < 500; index++) {
    const target = ['host', String(index), 'local']
    const instance = [`TV ${index}`, ...typeName(type)]
    const answers: DnsRecord[] = [
      { type: 'PTR', name: typeName(type), target: instance, ttlS: 120, flush: false },
      { type: 'SRV', name: instance, target, port: 1, ttlS: 120, flush: true },
      { type: 'A', name: target, address: '8.8.8.8', ttlS: 120, flush: true },
      ...Array.from({ length: 20 }, (_, last): DnsRecord => {
        return { type: 'A', name: target, address: `192.168.1.${last}`, ttlS: 120, flush: true }
      }),
    ]
    link.say({ ...nothing, isResponse: true, answers })
  }
  assert.equal(browser.found.length, 64)
  assert.ok(browser.found.every(({ addresses }) => addresses.length === 8 && !addresses.includes('8.8.8.8')))
})

test('announcer and browser take any message', () => {
  const name = fc.constantFrom(
    typeName(type),
    ['TV', ...typeName(type)],
    ['TV (2)', ...typeName(type)],
    ['host-0', 'local'],
    ['local'],
  )
  const port = fc.nat(3)
  const record: fc.Arbitrary<DnsRecord> = fc
    .tuple(fc.constantFrom('PTR', 'SRV', 'TXT', 'A'), name, name, port, fc.constantFrom(0, 1, 120, 2 ** 32 - 1))
    .map(([kind, own, target, number, ttlS]) => {
      const head = { name: own, ttlS, flush: true }
      if (kind === 'PTR') return { type: 'PTR', target, ...head }
      if (kind === 'SRV') return { type: 'SRV', target, port: number, ...head }
      return kind === 'A' ? { type: 'A', address: `10.0.0.${number}`, ...head } : { type: 'TXT', texts: [], ...head }
    })
  const records = fc.array(record, { maxLength: 4 })
  const asked = fc.array(fc.tuple(name, fc.constantFrom('PTR', 'ANY', 'A', 'other')), { maxLength: 3 })
  const said = fc
    .tuple(fc.boolean(), asked, records, records)
    .map(([isResponse, questions, answers, authorities]): DnsMessage => {
      const own = questions.map(([each, kind]) => ({ name: each, type: kind }))
      return { ...nothing, isResponse, questions: own, answers, authorities }
    })
  fc.assert(
    fc.property(fc.integer(), fc.array(said, { maxLength: 30 }), (seed, messages) => {
      const link = new Link(seed)
      const announcer = link.announce('TV', '192.168.1.5', 1)
      link.browse()
      for (const message of messages) {
        link.say(message)
        link.clock.advance(100)
      }
      link.clock.advance(300_000)
      assert.ok(announcer.name !== undefined)
    }),
    { numRuns: 30 },
  )
})

/** One network, in virtual time; what is said there everybody hears, the speaker too, as bytes. */
class Link {
  readonly clock = new ManualClock()
  /** What browsers were told. */
  readonly told: (readonly FoundService[])[] = []
  count = 0
  loses: (message: DnsMessage) => boolean = () => false
  onSaid: (message: DnsMessage) => void = () => {}
  readonly #random: () => number
  readonly #all: { take(message: DnsMessage): void }[] = []

  constructor(seed = 1) {
    this.#random = seededRandom(seed)
  }

  announce(name: string, address: string, port: number): ServiceAnnouncer {
    const announcer = new ServiceAnnouncer({
      service: { name, type, port, texts: ['version=1'] },
      host: [`host-${this.#all.length}`, 'local'],
      clock: this.clock,
      random: this.#random,
      multicast: (make) => this.#said(make(address)),
    })
    this.#all.push(announcer)
    return announcer
  }

  browse(): ServiceBrowser {
    const browser = new ServiceBrowser({
      type,
      clock: this.clock,
      random: this.#random,
      multicast: (make) => this.#said(make('192.168.1.9')),
      lets: (address) => address.startsWith('192.168.'),
      onChange: (found) => this.told.push(found),
    })
    this.#all.push(browser)
    return browser
  }

  say(message: DnsMessage): void {
    for (const each of this.#all) each.take(decodeDnsMessage(encodeDnsMessage(message)))
  }

  #said(message: DnsMessage): void {
    this.count++
    if (this.loses(message)) return
    // Nobody hears before the speaker has done speaking.
    this.clock.after(0, () => {
      this.say(message)
      this.onSaid(message)
    })
  }
}

function stolen(name: readonly string[]): DnsRecord {
  return { type: 'SRV', name, target: ['thief', 'local'], port: 9, ttlS: 120, flush: true }
}
