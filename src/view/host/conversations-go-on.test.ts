import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { until } from '../../../test/support/simulated-channel.ts'
import { natBehaviours } from '../../../test/support/simulated-network.ts'
import { SimulatedReach } from '../../../test/support/simulated-reach.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import type { MachineEvents } from '../../client/environment/environment.ts'
import { PorchlightClient } from '../../client/porchlight-client.ts'
import type { Pipe } from '../../kernel/pipe.ts'
import { BitrateController } from '../../net/congestion/bitrate-controller.ts'
import { NativeError } from '../../net/native/native-error.ts'
import type { SecureLink } from '../../net/native/secure-link.ts'
import { pipeOnStream } from '../../net/streams/stream-pipe.ts'
import { Transport } from '../../net/streams/transport.ts'
import { decodeClientMessage, decodeServerMessage, encodeSignal } from '../../wire/signal/codec.ts'
import { maxSignalBytes, type ServerMessage } from '../../wire/signal/messages.ts'
import { formatNativeLink } from '../../wire/native/native-link.ts'
import { nativeClientOptions } from '../client-environment.ts'
import { ViewMeter } from '../watch/view-meter.ts'
import { NativeHost } from './native-host.ts'

const busyMs = 300
/** The end that follows knows of its path what it was told, and why it is taken not at all. */
const measured = {
  type: 'stats',
  targetBps: 1e6,
  sentBps: 9e5,
  roundTripMs: 3,
  lossRatio: 0,
  restMs: 0,
  parityPercent: 20,
  mode: 'bad-network',
  path: { kind: 'direct', reason: 'moved', remote: 'direct 198.51.100.20:4000', paths: [] },
} as const satisfies ServerMessage

/** What a host says in a conversation: it lets everybody in, answers, and has heard each text. */
class AnsweringHost {
  /** What came in each conversation after the admission. */
  readonly conversations: { readonly heard: string[]; readonly texts: string[] }[] = []
  /** Answers nobody in the first conversation any more. */
  isDeaf = false
  readonly #rig: SimulatedReach
  readonly #transports: Transport[] = []

  constructor(rig: SimulatedReach) {
    this.#rig = rig
    let known = 0
    rig.clock.every(1, () => {
      for (const link of rig.host.links.slice(known)) this.#take(link)
      known = rig.host.links.length
    })
  }

  #take(channel: SecureLink): void {
    let isFirst = true
    const stream = (each: Parameters<typeof pipeOnStream>[0]) => {
      if (isFirst) this.#admit(pipeOnStream(each, { maxMessageBytes: maxSignalBytes }))
      isFirst = false
    }
    const transport = new Transport({
      channel,
      clock: this.#rig.clock,
      isCaller: false,
      controller: new BitrateController(),
      events: { stream, datagram() {}, missing() {}, keyWanted() {}, reported() {} },
    })
    this.#transports.push(transport)
  }

  #admit(pipe: Pipe): void {
    let take = (text: string) => {
      pipe.send(JSON.stringify({ type: 'welcome', memberId: 'ada', name: 'Ada', role: 'player', lobbyId: null }))
      if (!text.includes('requests')) take = this.#converse(pipe)
    }
    pipe.listen({ message: (message) => take(String(message)), fault: () => assert.fail('what came is no message') })
  }

  #converse(pipe: Pipe): (text: string) => void {
    const own = { heard: [] as string[], texts: [] as string[] }
    const at = this.conversations.push(own) - 1
    const say = (message: ServerMessage) => pipe.send(encodeSignal(message))
    say({ type: 'ready', id: 's1', protocolVersion: 1, iceServers: [], role: 'player', native: true })
    return (text) => {
      const message = decodeClientMessage(text)
      own.heard.push(message.type)
      if (this.isDeaf && at === 0) return
      // A busy one: its transport is quicker than what it says.
      if (message.type === 'ping') this.#rig.clock.after(busyMs, () => say({ type: 'pong', timestamp: 0 }))
      if (message.type === 'reconnect') {
        say({ type: 'reconnect-ack', sessionId: 's1', success: true, historyRecovered: true })
      }
      if (message.type === 'web-media') say(measured)
      if (message.type !== 'deliver') return
      for (const delivery of message.deliveries) {
        own.texts.push('text' in delivery ? delivery.text : delivery.do)
        say({ type: 'delivered', through: delivery.sequence, refused: [] })
      }
    }
  }
}

/** A client at a host over a direct path with a relay beside it, in virtual time: all of it the product's but what the host says. */
async function openScene(t: TestContext) {
  const rig = new SimulatedReach(natBehaviours.restricted, natBehaviours['port-restricted'])
  t.after(() => rig[Symbol.asyncDispose]())
  const host = new AnsweringHost(rig)
  const { clock } = rig
  const inTime = async <T>(promise: Promise<T>): Promise<T> => {
    const state = { isSettled: false }
    const settled = () => void (state.isSettled = true)
    promise.then(settled, settled)
    await until(clock, () => state.isSettled)
    return await promise
  }
  const gone = Promise.resolve({ kind: 'clean', reason: undefined } as const)
  const viewed = await inTime(
    NativeHost.open({
      link: formatNativeLink({ host: '198.51.100.10', port: 5000, key: rig.host.publicKey, invitation: undefined }),
      directory: temporaryDirectory(t),
      clock,
      end: {
        dial: ({ key }) => {
          if (!key) return Promise.reject(new NativeError('unreachable', 'It is known who is there'))
          return rig.viewer.reach.dial(rig.viewer.endpoint, { role: 'viewer', peerKey: key })
        },
        closed: gone as never,
        close: () => gone as never,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      },
    }),
  )
  const machine: MachineEvents[] = []
  const { environment, ...options } = nativeClientOptions(viewed)
  const client = new PorchlightClient({
    ...options,
    media: 'none',
    environment: { ...environment, clock, random: () => 0.5, watch: (events) => (machine.push(events), () => {}) },
  })
  const states: string[] = []
  await inTime(client.start())
  client.on('stateChange', (state) => states.push(state))
  await rig.run(2000)
  const close = async () => {
    const closed = client.close()
    await rig.run(1000)
    await closed
  }
  return { rig, host, viewed, client, states, close, inTime, doubt: () => machine.forEach((each) => each.doubted()) }
}

test('a conversation goes on where it was when its channel takes another path, and texts come exactly once', async (t) => {
  const { rig, host, client, viewed, states, close, doubt } = await openScene(t)
  const [visit] = viewed.visits
  const direct = rig.viewer.reach.current?.name
  for (const [round, isCut] of [true, false, true].entries()) {
    rig.network.between(rig.viewer.machine, rig.host.machine, { isCut })
    void client.sendText(`text ${round}`)
    await rig.run(100)
    // As whoever plays pictures does when none comes.
    doubt()
    await rig.run(8000)
  }
  assert.notEqual(rig.viewer.reach.current?.name, direct)
  assert.deepEqual(states, [], 'it was connected all the time')
  assert.deepEqual([viewed.visits.length, viewed.visits[0] === visit, host.conversations.length], [1, true, 1])
  assert.deepEqual(host.conversations[0]?.texts, ['text 0', 'text 1', 'text 2'])
  await close()
})

test('a conversation in which the host says nothing, though it answers beside it, is begun anew', async (t) => {
  const { rig, host, client, states, close, doubt } = await openScene(t)
  host.isDeaf = true
  doubt()
  void client.sendText('heard in the next one').catch(() => {})
  await rig.run(3000)
  assert.equal(host.conversations.length, 2)
  assert.equal(host.conversations[1]?.heard[0], 'reconnect')
  assert.deepEqual(host.conversations[1]?.texts, ['heard in the next one'])
  assert.deepEqual([states.at(-1), client.currentSessionId], ['connected', 's1'])
  await close()
})

test('why it is this path, and how the others stand, is told as the end that decides knows it', async (t) => {
  const { rig, viewed, close, inTime } = await openScene(t)
  using meter = new ViewMeter(viewed, () => rig.clock.nowMs())
  const visit = await inTime(viewed.visit())
  const told: ServerMessage[] = []
  visit.listen({ message: (text) => void told.push(decodeServerMessage(text)), fault: assert.fail })
  const hear = async () => {
    visit.send(encodeSignal({ type: 'web-media', codecs: ['h264'], audio: true }))
    await rig.run(500)
    const said = told.at(-1)
    return said?.type === 'stats' ? said : assert.fail(JSON.stringify(said))
  }
  const first = await hear()
  assert.deepEqual({ ...first, path: undefined }, { ...measured, path: undefined })
  assert.equal(first.path?.remote, measured.path.remote)
  assert.equal(first.path?.paths?.[0]?.state, 'taken')
  assert.match(first.path?.paths?.[0]?.name ?? '', /^direct/)
  assert.ok(first.path?.paths?.some(({ name, state }) => name.startsWith('relay') && state === 'warm'))

  rig.network.between(rig.viewer.machine, rig.host.machine, { isCut: true })
  await rig.run(4000)
  const moved = (await hear()).path
  assert.equal(moved?.because, 'the former one is dead')
  assert.match(moved?.paths?.[0]?.name ?? '', /^relay/)
  const sample = meter.look()
  assert.deepEqual(
    [sample.path, sample.because, sample.parityPercent, sample.mode],
    [moved?.paths?.[0]?.name, moved?.because, 20, 'bad-network'],
  )
  assert.ok(sample.others.some(({ name, state }) => name.startsWith('direct') && state === 'dead'))
  await close()
})
