import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settle } from '../../../test/support/scripted-host.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { Doubt, type DoubtedSocket } from './doubt.ts'

function doubting({ roundTripMs = 10, flowing = false } = {}) {
  const clock = new ManualClock()
  const seen: string[] = []
  const media = { flowing }
  const doubt = new Doubt<DoubtedSocket>({
    clock,
    isFlowing: () => media.flowing,
    onAnswer: (_socket, interrupted) => seen.push(interrupted ? 'was away' : 'stands'),
    onDead: () => seen.push('dead'),
  })
  const answer = Promise.withResolvers<number | undefined>()
  const socket = {
    probes: 0,
    probe: () => {
      socket.probes++
      return answer.promise
    },
    roundTripMs,
    get unansweredMs() {
      return clock.nowMs()
    },
  }
  return { clock, seen, media, doubt, socket, answer }
}

test('Doubt asks once, and an answer that took long says that the network was away', async () => {
  for (const [tookMs, said] of [
    [499, ['stands']],
    [500, ['was away']],
    [undefined, []],
  ] as const) {
    const { seen, doubt, socket, answer } = doubting()
    void doubt.ask(socket)
    void doubt.ask(socket)
    answer.resolve(tookMs)
    await settle()
    assert.deepEqual([socket.probes, seen], [1, said])
  }
})

test('Doubt gives a connection three of its round trips, and not less than 150 ms, once a stranger is answered', () => {
  for (const [roundTripMs, limitMs] of [
    [10, 150],
    [100, 300],
  ] as const) {
    const { clock, seen, doubt, socket } = doubting({ roundTripMs })
    doubt.judge(socket)
    doubt.judge(socket)
    clock.advance(limitMs - 1)
    assert.deepEqual(seen, [])
    clock.advance(1)
    assert.deepEqual(seen, ['dead'])
    assert.equal(clock.pending, 0)
  }
})

test('Doubt is in no hurry while media comes, and judges anew when it does no more', () => {
  const { clock, seen, media, doubt, socket } = doubting({ flowing: true })
  doubt.judge(socket)
  clock.advance(1000)
  media.flowing = false
  doubt.judge(socket)
  assert.deepEqual([seen, clock.pending], [['dead'], 0])
  const patient = doubting({ flowing: true })
  patient.doubt.judge(patient.socket)
  patient.clock.advance(2000)
  assert.deepEqual(patient.seen, ['dead'])
  const closed = doubting()
  closed.doubt.judge(closed.socket)
  closed.doubt.close()
  assert.equal(closed.clock.pending, 0)
})
