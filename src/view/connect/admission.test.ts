import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { openMemoryPipe } from '../../kernel/memory-pipe.ts'
import type { PipeMessage } from '../../kernel/pipe.ts'
import { decodeAdmissionRequest, type AdmissionAnswer, type AdmissionRequest } from '../../wire/native/admission.ts'
import { ViewError, type ViewErrorCode } from '../contract/view-error.ts'
import { comeIn, type Introduction } from './admission.ts'

const invitation = 'i'.repeat(43)
const welcome = { type: 'welcome', memberId: 'm', name: 'Ada', role: 'player', lobbyId: 'games' } as const
const refused = (code: string) => ({ type: 'refused', code, message: `No: ${code}` }) as const

/** Somebody at the door of a host that answers so, one thing after the other. */
function atTheDoor(
  answers: readonly (AdmissionAnswer | string)[],
  introduction: Partial<Introduction> = {},
  wants: 'session' | 'requests' = 'session',
) {
  const clock = new ManualClock()
  const [near, far] = openMemoryPipe()
  const asked: AdmissionRequest[] = []
  const onward: PipeMessage[] = []
  const left = [...answers]
  far.listen({
    message(message) {
      asked.push(decodeAdmissionRequest(message))
      const answer = left.shift()
      if (answer === undefined) return far.close(1013, '')
      far.send(typeof answer === 'string' ? answer : JSON.stringify(answer))
      if (typeof answer !== 'string' && answer.type === 'welcome') far.send('{"type":"ready"}')
    },
    fault: () => assert.fail('the pipe broke its rules'),
  })
  const came = comeIn({
    pipe: near,
    wants,
    introduction: { invitation, name: 'Ada', device: 'Attic', pin: () => Promise.resolve(undefined), ...introduction },
    clock,
    onward: (message) => void onward.push(message),
  })
  return { came, asked, onward, clock }
}

function is(code: ViewErrorCode, hostCode?: string) {
  return (error: unknown) => error instanceof ViewError && error.code === code && error.hostCode === hostCode
}

test('comeIn is let in by its key alone where that is known, and hands on what follows the welcome', async () => {
  const { came, asked, onward } = atTheDoor([welcome], { invitation: undefined }, 'requests')
  assert.equal((await came).name, 'Ada')
  assert.deepEqual(asked, [{ type: 'knock', wants: 'requests' }])
  await new Promise(setImmediate)
  assert.deepEqual(onward, ['{"type":"ready"}'])
})

test('comeIn redeems the invitation where its key is not known, and asks for a PIN as often as it is of use', async () => {
  const pins = ['1111', '2222']
  const whys: string[] = []
  const { came, asked } = atTheDoor([{ type: 'stranger' }, refused('pin-required'), refused('wrong-pin'), welcome], {
    pin(why) {
      whys.push(why)
      return Promise.resolve(pins.shift())
    },
  })
  await came
  assert.deepEqual(whys, ['pin-required', 'wrong-pin'])
  assert.deepEqual(
    asked.map((request) => ('pin' in request ? request.pin : request.type)),
    ['knock', 'redeem', '1111', '2222'],
  )
})

test('comeIn takes what is no invitation for a token of its own, as a link of the owner has it', async () => {
  const { came, asked } = atTheDoor([{ type: 'stranger' }, refused('unknown-token'), welcome])
  await came
  assert.deepEqual(asked.at(-1), { type: 'prove', token: invitation, device: 'Attic' })
  const stranger = atTheDoor([{ type: 'stranger' }, refused('unknown-token'), refused('unknown-token')])
  await assert.rejects(stranger.came, is('refused', 'unknown-token'))
})

test('comeIn says why nobody is let in', async () => {
  const stranger = { type: 'stranger' } as const
  await assert.rejects(atTheDoor([stranger], { invitation: undefined }).came, is('not-invited'))
  for (const [code, expected] of [
    ['invitation-expired', 'expired'],
    ['invitation-revoked', 'revoked'],
    ['member-removed', 'revoked'],
    ['pin-required', 'pin-required'],
    ['wrong-pin', 'wrong-pin'],
    ['invitation-used-up', 'refused'],
    ['invitation-destroyed', 'refused'],
    ['too-many-guests', 'refused'],
    ['internal', 'busy'],
  ] as const) {
    const { came } = atTheDoor([stranger, refused(code)])
    await assert.rejects(came, is(expected, code))
    const { message } = await came.then(
      () => assert.fail('nobody was to be let in'),
      (error: unknown) => error as ViewError,
    )
    assert.ok(message.startsWith(`No: ${code}. `), `it leaves open what can be done: ${message}`)
  }
  await assert.rejects(atTheDoor([]).came, is('lost'))
  for (const nonsense of ['{', '{"type":"knock"}', 'x'.repeat(3000)]) {
    await assert.rejects(atTheDoor([nonsense]).came, is('version'), nonsense.slice(0, 20))
  }
})

test('comeIn waits for a host that says nothing, and no longer than a store may take', async () => {
  const { came, clock } = atTheDoor([{ type: 'stranger' }], {
    pin: () => assert.fail('nobody asked for a PIN'),
  })
  const silent = assert.rejects(came, is('lost'))
  await new Promise(setImmediate)
  clock.advance(15_000)
  await silent
  assert.equal(clock.pending, 0)
})
