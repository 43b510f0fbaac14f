import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { test } from 'node:test'
import { SimulatedNetwork } from '../../../test/support/simulated-network.ts'
import { SimulatedRelay } from '../../../test/support/simulated-relay.ts'
import { silentLog } from '../../kernel/log.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { askTurn, type TurnAnswer } from '../../net/relay/ask-turn.ts'
import { newSigningKey } from '../../net/relay/lease-signing.ts'
import type { IceServer } from '../../wire/signal/messages.ts'
import { HostRelays } from './host-relays.ts'
import { TurnLeases } from './turn-leases.ts'

const turn = { urls: ['turn:turn.test:3478'], secret: 'of-the-operator' }
const at = { address: '203.0.113.50', port: 3478 }

class Rig implements Disposable {
  readonly clock = new ManualClock()
  readonly network = new SimulatedNetwork(this.clock, 3)
  readonly relay: SimulatedRelay
  readonly socketMachine = this.network.machine('host', '198.51.100.2')
  readonly relayMachine = this.network.machine('relay', at.address)
  readonly socket = this.socketMachine.open(5000)
  readonly leases: TurnLeases
  readonly #relays: HostRelays

  constructor(options: NonNullable<ConstructorParameters<typeof SimulatedRelay>[2]>) {
    const { clock, socket } = this
    this.relay = new SimulatedRelay(this.relayMachine.open(at.port), clock, options)
    const places = [{ name: 'relay.test', host: at.address, port: at.port }]
    const shared = { clock, log: silentLog, randomBytes }
    this.#relays = new HostRelays({
      relays: () => places,
      issuer: this.relay.issuer,
      send: (bytes, to) => socket.send(bytes, to),
      ...shared,
    })
    this.leases = new TurnLeases({ places, relays: this.#relays, socketFor: () => socket, ...shared })
  }

  /** In steps, since leases are made by promises. */
  async pass(ms: number, steps = 10): Promise<void> {
    for (let step = 0; step < steps; step++) {
      await setImmediate()
      this.clock.advance(ms / steps)
    }
  }

  ask(lease: Uint8Array, key = newSigningKey()): { answer?: TurnAnswer } {
    const heard: { answer?: TurnAnswer } = {}
    askTurn({ socket: this.socket, clock: this.clock, relay: at, lease, key }, (answer) => (heard.answer = answer))
    this.clock.advance(10_000)
    return heard
  }

  [Symbol.dispose](): void {
    this.leases[Symbol.dispose]()
    this.#relays[Symbol.dispose]()
    this.relay[Symbol.dispose]()
  }
}

const expiresMs = (servers: readonly IceServer[]) => Number(servers[0]?.username?.split(':')[0]) * 1000
const reasonOf = ({ answer }: { answer?: TurnAnswer }) => (answer?.kind === 'refused' ? answer.reason : answer?.kind)

test('TurnLeases lends each conversation credentials of its own, by the secret of the relay, good for minutes', async () => {
  using rig = new Rig({ turn })
  await rig.pass(2000)
  const [first, second] = [rig.leases.lend().look().servers, rig.leases.lend().look().servers]
  for (const [server] of [first, second]) {
    assert.deepEqual(server?.urls, turn.urls)
    const mac = createHmac('sha1', turn.secret).update(String(server?.username)).digest('base64')
    assert.equal(server?.credential, mac)
  }
  assert.match(String(first[0]?.username), /^\d+:[\da-f]{12}-[\da-f]{16}$/)
  assert.notEqual(first[0]?.username, second[0]?.username)
  assert.ok(expiresMs(first) > rig.clock.epochMs() && expiresMs(first) <= rig.clock.epochMs() + 600_000)
})

test('TurnLeases has new credentials before those at hand expire', async () => {
  using rig = new Rig({ turn })
  await rig.pass(2000)
  const before = expiresMs(rig.leases.lend().look().servers)
  await rig.pass(3_600_000, 3600)
  const after = expiresMs(rig.leases.lend().look().servers)
  assert.ok(after > rig.clock.epochMs() + 60_000 && after > before)
})

test('a relay gives no credentials for a lease that has expired, was revoked, is of another issuer, or is shown by somebody else', () => {
  using rig = new Rig({ turn })
  const host = newSigningKey()
  const viewer = newSigningKey()
  const lease = (more: Parameters<SimulatedRelay['lease']>[1] = {}) => rig.relay.lease({ host, viewer }, more)
  assert.equal(reasonOf(rig.ask(lease(), host)), 'granted')
  assert.equal(reasonOf(rig.ask(lease({ forMs: -1 }), host)), 'expired')
  assert.equal(reasonOf(rig.ask(lease({ by: newSigningKey() }), host)), 'unknown-issuer')
  assert.equal(reasonOf(rig.ask(lease(), viewer)), 'not-the-holder')
  assert.equal(reasonOf(rig.ask(lease())), 'not-the-holder')
  rig.relay.core.learn({ type: 'revoked', lease: lease({ kind: 'revocation' }) })
  assert.equal(reasonOf(rig.ask(lease(), host)), 'revoked')
})

test('TurnLeases tells a relay that a conversation is over, and lends nothing where there is no TURN server', async () => {
  using rig = new Rig({ turn })
  await rig.pass(2000)
  const lent = rig.leases.lend()
  const before = rig.relay.sent.length
  lent.release()
  lent.release()
  await rig.pass(200)
  // The revocation was heard, and answered by one datagram of seven bytes.
  assert.equal(rig.relay.sent.slice(before).filter(({ bytes }) => bytes === 7).length, 1)

  using without = new Rig({})
  await without.pass(2000)
  assert.deepEqual(without.leases.lend().look().servers, [])
})

test('TurnLeases renews what is lent for as long as it is lent, in the name of the same session', async () => {
  using rig = new Rig({ turn })
  await rig.pass(2000)
  const lent = rig.leases.lend()
  const first = lent.look()
  assert.ok((first.forMs ?? 0) > 400_000 && (first.forMs ?? 0) <= 480_000)
  const nameOf = ({ servers }: { servers: readonly IceServer[] }) => String(servers[0]?.username).split(':')[1]
  for (let minutes = 0; minutes < 120; minutes += 4) {
    await rig.pass(240_000, 60)
    const now = lent.look()
    assert.equal(nameOf(now), nameOf(first))
    assert.ok(expiresMs(now.servers) > rig.clock.epochMs() + 240_000, `after ${minutes} minutes`)
  }
  lent.release()
  const { length } = rig.relay.sent
  await rig.pass(5000)
  assert.ok(rig.relay.sent.length > length, 'the revocation is heard')
  const { turnGrants } = rig.relay.core.counters
  assert.ok(rig.leases.lend().look().servers.length > 0)
  await rig.pass(2000)
  assert.equal(rig.relay.core.counters.turnGrants, turnGrants + 1, 'only what was lent now has been replaced')
})

test('TurnLeases renews credentials that a relay makes shorter in their time, and bears a relay that is away for a while', async () => {
  using rig = new Rig({ turn: { ...turn, goodForMs: 30_000 } })
  await rig.pass(2000)
  const lent = rig.leases.lend()
  assert.ok(expiresMs(lent.look().servers) <= rig.clock.epochMs() + 30_000)
  for (let round = 0; round < 20; round++) {
    await rig.pass(10_000, 20)
    assert.ok(expiresMs(lent.look().servers) > rig.clock.epochMs() + 9000, `round ${round}`)
  }
  rig.network.between(rig.socketMachine, rig.relayMachine, { isCut: true })
  await rig.pass(120_000, 240)
  const without = lent.look()
  assert.deepEqual(without.servers, [], 'what has expired is not told')
  assert.equal(without.forMs, 30_000, 'but that one may ask again soon')
  rig.network.between(rig.socketMachine, rig.relayMachine, { isCut: false })
  await rig.pass(60_000, 240)
  assert.ok(expiresMs(lent.look().servers) > rig.clock.epochMs())
})

test('a conversation that began before the relay had answered is lent its credentials when it has', async () => {
  using rig = new Rig({ turn })
  const lent = rig.leases.lend()
  assert.deepEqual(lent.look(), { servers: [], forMs: 30_000 })
  await rig.pass(2000)
  assert.equal(lent.look().servers.length, 1)

  using without = new Rig({})
  const none = without.leases.lend()
  await without.pass(2000)
  assert.deepEqual(none.look(), { servers: [] }, 'a relay that has no TURN server is not asked for on and on')
})
