import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScriptedSocket } from '../../../test/support/scripted-host.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { DialledSocket } from './dialled-socket.ts'

function dialling() {
  const clock = new ManualClock()
  const dials: ScriptedSocket[] = []
  const seen: string[] = []
  const socket = new DialledSocket({
    clock,
    dial: () => {
      const dial = new ScriptedSocket([])
      dials.push(dial)
      return dial
    },
  })
  socket.addEventListener('open', () => seen.push('open'))
  socket.addEventListener('message', (event) => seen.push((event as MessageEvent<string>).data))
  socket.addEventListener('close', (event) => seen.push(`close ${(event as CloseEvent).code}`))
  return { clock, dials, seen, socket }
}
const pong = { type: 'pong', timestamp: 1 } as const

test('DialledSocket is the one that opens first, and ends the others', () => {
  const { clock, dials, seen, socket } = dialling()
  clock.advance(1000)
  clock.advance(1000)
  assert.equal(dials.length, 3)
  dials[1]?.open()
  assert.deepEqual(
    dials.map(({ closed }) => closed),
    [true, false, true],
  )
  dials[0]?.drop()
  dials[2]?.say(pong)
  dials[1]?.say(pong)
  assert.deepEqual(seen, ['open', JSON.stringify(pong)])
  socket.send(JSON.stringify({ type: 'leave' }))
  assert.deepEqual(dials[1]?.heardTypes(), ['leave'])
  dials[1]?.drop(4403)
  assert.deepEqual(seen.at(-1), 'close 4403')
  assert.equal(clock.pending, 0)
})

test('DialledSocket is lost when the last dial is', () => {
  const { clock, dials, seen } = dialling()
  clock.advance(1000)
  dials[0]?.drop()
  assert.deepEqual(seen, [])
  dials[1]?.drop(1006)
  assert.deepEqual(seen, ['close 1006'])
  clock.advance(10_000)
  assert.equal(dials.length, 2)
  assert.equal(clock.pending, 0)
})

test('DialledSocket dials four times at most, and not at all once it is open or closed', () => {
  const { clock, dials, socket } = dialling()
  clock.advance(60_000)
  for (let more = 0; more < 5; more++) socket.redial()
  assert.equal(dials.length, 4)
  socket.close(1000)
  assert.ok(dials.every(({ closed }) => closed))
  dials[0]?.drop()
  socket.redial()
  assert.equal(dials.length, 4)
  const open = dialling()
  open.dials[0]?.open()
  open.clock.advance(60_000)
  open.socket.redial()
  assert.equal(open.dials.length, 1)
})

test('DialledSocket does not keep a dial that opens after it was closed', () => {
  const { dials, seen, socket } = dialling()
  socket.close()
  const [dial] = dials
  if (dial) dial.closed = false
  dial?.open()
  assert.equal(dial?.closed, true)
  assert.deepEqual(seen, [])
})
