import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { HostError } from '../../host/contract/host-error.ts'
import type { InputEvent } from '../../domain/input-event.ts'
import type { Role } from '../../domain/member.ts'
import type { StreamSession } from '../../host/contract/stream-session.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { keysChannel, pointerChannel } from '../../wire/input/channels.ts'
import { encodeKeysMessage } from '../../wire/input/keys-message.ts'
import { PointerSender } from '../../wire/input/pointer-message.ts'
import { createCounters } from '../contract/gateway-counters.ts'
import { Pump } from '../sending/pump.ts'
import { InputIntake } from './input-intake.ts'

function openIntake(role: Role = 'player') {
  const clock = new ManualClock()
  const nowUs = () => clock.nowMs() * 1000
  const events: InputEvent[] = []
  const refusals: string[] = []
  const faults: string[] = []
  const host = { refuses: false, ends: [] as string[] }
  const session = {
    member: { id: 'm', name: 'M', role, lobbyId: undefined },
    openInput: () => ({
      input(event: InputEvent) {
        if (host.refuses) throw new HostError('input-forbidden', 'Cannot use keyboard or pointer')
        events.push(event)
      },
      handOn: () => void host.ends.push('handed on'),
      close: () => void host.ends.push('closed'),
    }),
  } as unknown as StreamSession
  const counters = createCounters()
  const intake = new InputIntake({
    session,
    pump: new Pump({ clock, nowUs }),
    nowUs,
    counters,
    refuse: (code) => refusals.push(code),
    fault: (code) => faults.push(code),
  })
  const pointer = new PointerSender()
  return {
    clock,
    events,
    refusals,
    faults,
    host,
    counters,
    intake,
    key: (down = true) => intake.receive(keysChannel, encodeKeysMessage({ type: 'key', code: 'KeyA', key: 'a', down })),
    click: () =>
      intake.receive(
        keysChannel,
        encodeKeysMessage({ type: 'button', button: 'left', down: true, x: undefined, y: undefined }),
      ),
    move: (x: number) => intake.receive(pointerChannel, pointer.encode({ type: 'pointer', x, y: 0.5 })),
    nudge: (dx: number) => intake.receive(pointerChannel, pointer.encode({ type: 'pointer-relative', dx, dy: 0 })),
  }
}

test('InputIntake hands on keys as they come', () => {
  const { key, events } = openIntake()
  key(true)
  key(false)
  assert.deepEqual(events, [
    { type: 'key', code: 'KeyA', key: 'a', down: true },
    { type: 'key', code: 'KeyA', key: 'a', down: false },
  ])
})

test('InputIntake thins motion to the latest position, and a click finds the pointer where it was', () => {
  const { clock, move, click, events } = openIntake()
  for (let step = 0; step <= 100; step++) move(step / 100)
  assert.equal(events.length, 1)
  click()
  assert.deepEqual(
    events.map((event) => (event.type === 'pointer' ? Math.round(event.x * 100) : event.type)),
    [0, 100, 'button'],
  )
  move(0.25)
  clock.advance(10)
  assert.equal(events.length, 4)
  assert.equal(clock.pending, 0)
})

test('InputIntake loses nothing of relative motion', () => {
  const { clock, nudge, events } = openIntake()
  for (let step = 0; step < 50; step++) nudge(3)
  clock.advance(10)
  const total = events.reduce((sum, event) => sum + (event.type === 'pointer-relative' ? event.dx : 0), 0)
  assert.equal(total, 150)
  assert.ok(events.length <= 2)
})

test('InputIntake takes 10,000 motions a second and hands on a few hundred', () => {
  const { clock, move, events, faults } = openIntake()
  for (let step = 0; step < 10_000; step++) {
    move((step % 100) / 100)
    if (step % 10 === 9) clock.advance(1)
  }
  assert.deepEqual(faults, [])
  assert.ok(events.length > 100 && events.length <= 260, `${events.length} events`)
})

test('InputIntake ends whoever sends faster than any player', () => {
  const keys = openIntake()
  for (let count = 0; count < 501; count++) keys.key()
  assert.deepEqual(keys.faults, ['flood'])
  assert.equal(keys.events.length, 500)
  const pointer = openIntake()
  for (let count = 0; count < 20_001; count++) pointer.move(0.5)
  assert.deepEqual(pointer.faults, ['flood'])
})

test('InputIntake refuses a viewer once, and ends one who does not listen', () => {
  const { key, move, events, refusals, faults, counters } = openIntake('viewer')
  key()
  move(0.5)
  key()
  assert.deepEqual([events.length, refusals, faults], [0, ['input-forbidden'], []])
  for (let count = 0; count < 5; count++) key()
  assert.equal(faults[0], 'input-forbidden')
  assert.equal(counters.inputDropped, 8)
})

test('InputIntake says once what the host refuses', () => {
  const { clock, host, key, refusals, faults } = openIntake()
  host.refuses = true
  key()
  clock.advance(1000)
  key()
  assert.deepEqual([refusals, faults], [['input-forbidden'], []])
})

test('InputIntake faults text, what is too long and what cannot be read', () => {
  const faultOf = (channel: typeof keysChannel, message: Uint8Array | string) => {
    const { intake, faults, events } = openIntake()
    intake.receive(channel, message)
    assert.equal(events.length, 0)
    return faults.join()
  }
  assert.equal(faultOf(keysChannel, 'hello'), 'malformed')
  assert.equal(faultOf(keysChannel, new Uint8Array(keysChannel.maxMessageBytes + 1)), 'too-long')
  assert.equal(faultOf(pointerChannel, new Uint8Array(pointerChannel.maxMessageBytes + 1)), 'too-long')
  for (const channel of [keysChannel, pointerChannel]) {
    assert.notEqual(faultOf(channel, new Uint8Array(0)), '')
    assert.notEqual(faultOf(channel, Uint8Array.of(255, 1, 2)), '')
  }
})

test('InputIntake answers any bytes with an event or a fault', () => {
  fc.assert(
    fc.property(fc.constantFrom(keysChannel, pointerChannel), fc.uint8Array({ maxLength: 64 }), (channel, bytes) => {
      const { intake, faults, events } = openIntake()
      intake.receive(channel, bytes)
      assert.ok(faults.length + events.length <= 1)
    }),
  )
})

test('InputIntake ends the way of its input, or hands it on, and takes nothing any more', () => {
  const { clock, intake, host, key, move, events } = openIntake()
  key()
  move(0.1)
  move(0.2)
  intake.close()
  key()
  clock.advance(100)
  assert.deepEqual(host.ends, ['closed'])
  const moved = openIntake()
  moved.intake.handOn()
  moved.key()
  assert.deepEqual([moved.host.ends, moved.events], [['handed on'], []])
  assert.deepEqual(
    events.map(({ type }) => type),
    ['key', 'pointer'],
  )
  assert.equal(clock.pending, 0)
})
