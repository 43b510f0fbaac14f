import assert from 'node:assert/strict'
import { setImmediate, setTimeout as pause } from 'node:timers/promises'
import * as v from 'valibot'
import type { PointerState } from 'x11'
import { sessionTimeline, type SessionStay } from '../../../../src/wire/api/resources.ts'
import { maxSignalBytes, signalCloseCode } from '../../../../src/wire/signal/messages.ts'
import { chromiumOffer } from '../../../support/browser-offers.ts'
import { eventually } from '../../../support/eventually.ts'
import { fuzzConversation } from '../../../support/fuzz/fuzzed-conversation.ts'
import { fuzzMedia } from '../../../support/fuzz/fuzzed-media.ts'
import { fuzzReturn } from '../../../support/fuzz/fuzzed-return.ts'
import { RtcReceiver } from '../../../support/rtc-receiver.ts'
import { scene } from './scene.ts'

const { house } = scene
const pattern = scene.lobby('test-pattern', 'Pattern', { settings: { width: 640, height: 368 } })
const terminal = scene.lobby('terminal', 'Terminal', { beside: pattern })

const json = (value: unknown) => JSON.stringify(value)
const onlyH265 = { videoFormats: '99', videoLines: ['a=rtpmap:99 H265/90000'] }
const offer = (sdp: string) => json({ type: 'offer', signal: { type: 'offer', sdp } })

/** What ends the conversation, with the code that its record has. */
const faults: readonly (readonly [what: string, messages: readonly (string | Uint8Array)[], code: string])[] = [
  ['text that is no JSON', ['hello?'], 'malformed'],
  ['JSON that is no message', ['[]'], 'unknown-type'],
  ['an unknown message', [json({ type: 'sudo' })], 'unknown-type'],
  ['a message with a wrong field', [json({ type: 'join', lobbyId: 7 })], 'malformed'],
  ['binary where text belongs', [Buffer.from(json({ type: 'leave' }))], 'malformed'],
  ['a message that is too long', [json({ type: 'join', lobbyId: 'x'.repeat(maxSignalBytes) })], 'too-long'],
  ['an offer that is too long', [offer('v=0\r\n'.repeat(15_000))], 'malformed'],
  ['an offer of too many lines', [offer('v=0\r\n'.repeat(12_000))], 'sdp-too-large'],
  ['an offer that is none', [offer('v=0\r\nhello')], 'sdp-malformed'],
  ['a candidate before an offer', [json({ type: 'candidate', candidate: '' })], 'out-of-order'],
  [
    'a session asked for too late',
    [json({ type: 'leave' }), json({ type: 'reconnect', sessionId: 'x' })],
    'out-of-order',
  ],
  ['a flood', Array.from({ length: 1000 }, () => json({ type: 'ping', timestamp: 0 })), 'flood'],
]

/** What is refused, and the conversation goes on. */
const refusals: readonly (readonly [what: string, message: string, code: string])[] = [
  ['an unknown lobby', json({ type: 'join', lobbyId: 'x' }), 'lobby-not-found'],
  ['an offer without a codec', offer(chromiumOffer(onlyH265)), 'no-usable-codec'],
]

terminal.test('whoever breaks the protocol is out, with a record, and nobody else notices', async () => {
  await withoutEffectOnOthers(async () => {
    for (const [what, messages, code] of faults) {
      await using rogue = new RtcReceiver({ url: house.signallingUrl, token: house.ownerToken })
      await rogue.message('ready')
      for (const message of messages) rogue.sendRaw(message)
      await rogue.until(({ closeCode }) => closeCode !== undefined, `the end after ${what}`)
      assert.ok([signalCloseCode.protocolViolation, signalCloseCode.flood, 1009].includes(rogue.closeCode ?? 0), what)
      const { entries, cause } = await recordOf(rogue.session.sessionId)
      const fault = entries.find(({ kind }) => kind === 'fault')
      assert.equal(fault?.detail['code'], code, what)
      assert.ok(cause, what)
    }
  })
})

terminal.test(
  'random conversations, media sockets and returns go as the protocol has them, and are faulted at their first wrong message',
  async () => {
    const target = { url: house.signallingUrl, token: house.ownerToken, lobbyId: terminal.id }
    const outcomes = await Promise.all(Array.from({ length: 24 }, (_, seed) => fuzzConversation(target, seed + 1, 60)))
    assert.deepEqual(
      outcomes.flatMap(({ complaints }) => complaints),
      [],
    )
    assert.deepEqual(new Set(outcomes.map(({ plan }) => plan)), new Set(['wrong', 'bye', 'cut']))
    const seeds = Array.from({ length: 6 }, (_, index) => index + 1)
    const sides = await Promise.all(seeds.flatMap((seed) => [fuzzMedia(target, seed, 40), fuzzReturn(target, seed)]))
    assert.deepEqual(
      sides.flatMap(({ complaints }) => complaints),
      [],
    )
    assert.ok(sides.every(({ sent, received }) => sent > 2 && received > 2))
  },
)

terminal.test('what cannot be done is refused by name, and the conversation goes on', async () => {
  await using rogue = new RtcReceiver({ url: house.signallingUrl, token: house.ownerToken })
  await rogue.message('ready')
  for (const [what, message, code] of refusals) {
    rogue.sendRaw(message)
    const isRefusal = (said: { type: string; code?: string }) => said.type.match(/error|refused/) && said.code === code
    await rogue.until(({ messages }) => messages.some(isRefusal), `the refusal of ${what}`)
  }
  rogue.sendRaw(json({ type: 'join', lobbyId: terminal.id }))
  const arrived = ({ messages }: RtcReceiver) =>
    messages.some((message) => message.type === 'place' && message.place.kind === 'lobby')
  await rogue.until(arrived, 'a lobby all the same')
})

terminal.test('ten thousand pointer events in a second are thinned out, and nobody else notices', async (t) => {
  await using x = await terminal.machine.connect()
  await using mouse = await watching()
  // A motion takes no seat from anybody.
  mouse.input({ type: 'wheel', dx: 0, dy: 1 })
  const before = await house.metric('porchlight_input_events_total')
  await withoutEffectOnOthers(async () => {
    for (let burst = 0; burst < 50; burst++) {
      for (let index = 0; index < 200; index++) {
        mouse.input({ type: 'pointer', x: ((burst * 200 + index) % 1000) / 1000, y: 0.5 })
      }
      await pause(20)
    }
    mouse.input({ type: 'pointer', x: 0.25, y: 0.75 })
    await eventually(
      () => x.ask<PointerState>((answer) => x.client.QueryPointer(x.root, answer)),
      ({ rootX, rootY }) => Math.abs(rootX - 320) <= 1 && Math.abs(rootY - 540) <= 1,
      { what: 'the pointer where the last event put it' },
    )
  })
  const taken = (await house.metric('porchlight_input_events_total')) - before
  t.diagnostic(`${taken} of 10,001 reached the display`)
  assert.ok(taken < 2500, `${taken} is no more than the display can use`)
  assert.equal(mouse.closeCode, undefined, 'a fast mouse is no reason to leave')
})

terminal.test('whoever types faster than fingers can is out, with everything released', async () => {
  await using x = await terminal.machine.connect()
  await using typist = await watching()
  try {
    for (let index = 0; index < 10_000; index++) {
      typist.input({ type: 'key', code: 'ShiftLeft', key: 'Shift', down: index % 2 === 0 })
      if (index % 100 === 0) await setImmediate()
    }
  } catch {
    // The channel was closed in the middle of it.
  }
  await typist.until(({ closeCode }) => closeCode !== undefined, 'the end')
  assert.equal(typist.closeCode, signalCloseCode.flood)
  const { entries } = await recordOf(typist.session.sessionId)
  assert.equal(entries.find(({ kind }) => kind === 'fault')?.detail['code'], 'flood')
  const isReleased = (bits: Uint8Array) => bits.every((byte) => byte === 0)
  await eventually(() => x.ask<Uint8Array>((answer) => x.client.QueryKeymap(answer)), isReleased, {
    what: 'a keyboard with nothing down',
  })
})

/** Somebody who watches the terminal and has keyboard and pointer. */
async function watching(): Promise<RtcReceiver> {
  const receiver = await arriving(terminal.id)
  await receiver.until(({ counts, inputOpen }) => counts.pictures > 0 && inputOpen, 'a picture and data channels')
  return receiver
}

async function arriving(lobbyId: string): Promise<RtcReceiver> {
  const receiver = new RtcReceiver({ url: house.signallingUrl, token: house.ownerToken, lobbyId })
  await receiver.message('ready')
  receiver.offer()
  return receiver
}

async function recordOf(sessionId: string): Promise<SessionStay> {
  const read = async () =>
    v.parse(sessionTimeline, (await house.api('GET', `records/${sessionId}`)).json()).stays.at(-1)
  const record = await eventually(read, (found) => found?.endedAt !== null, { what: 'a record that is complete' })
  return record ?? assert.fail('there is no record')
}

/** Does something while somebody else watches, who gets pictures meanwhile and stays. How many is shown by `npm run bench flood`. */
async function withoutEffectOnOthers(attack: () => Promise<void>): Promise<void> {
  await using other = await arriving(pattern.id)
  const seen = () => other.counts.pictures
  await other.until(() => seen() > 0, 'a picture')
  const before = seen()
  await attack()
  const after = seen()
  assert.ok(after > before, 'pictures came meanwhile')
  await other.until(() => seen() > after + 10, 'pictures behind it')
  assert.equal(other.closeCode, undefined)
}
