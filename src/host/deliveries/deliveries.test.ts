import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setImmediate as settled } from 'node:timers/promises'
import { until } from '../../kernel/readable.ts'
import { HostError } from '../contract/host-error.ts'
import type { Member } from '../../domain/member.ts'
import { openMemoryHost } from '../memory/memory-host.ts'
import { MemoryLedger } from './memory-ledger.ts'
import type { StreamSession } from '../contract/stream-session.ts'
import type { Delivery } from '../../domain/delivery.ts'
import type { Ledger } from '../contract/ledger.ts'

const ada: Member = { id: 'ada', name: 'Ada', role: 'player', lobbies: 'all' }
const bob: Member = { id: 'bob', name: 'Bob', role: 'player', lobbies: 'all' }
const vera: Member = { id: 'vera', name: 'Vera', role: 'viewer', lobbies: 'all' }

async function openScene(t: TestContext, { ledger = new MemoryLedger() }: { ledger?: Ledger } = {}) {
  const memory = await openMemoryHost({ ledger })
  t.after(() => memory[Symbol.asyncDispose]())
  const { host, parts, clock } = memory
  const lobby = await host.createLobby({ appId: 'memory' })
  await until(lobby.status, ({ status }) => status === 'running')
  const enter = async (member: Member) => {
    const session = host.createSession(member)
    const heard: string[] = []
    session.followTexts((lobbyId, texts) => {
      heard.push(...texts.map(({ name, text }) => `${lobbyId === lobby.id ? '' : 'elsewhere '}${name}: ${text}`))
    })
    await session.join(lobby.id)
    return { session, heard }
  }
  /** On the displays of all lobbies. */
  const typed = () =>
    [...parts.displays].flatMap(({ received }) =>
      received.flatMap((event) => (event.type === 'text' ? event.text : [])),
    )
  return { host, parts, clock, lobby, enter, typed }
}

const say = (sequence: number, text = `text ${sequence}`): Delivery => ({ sequence, do: 'say', text })
const type = (sequence: number, text = `text ${sequence}`): Delivery => ({ sequence, do: 'type', text })
const codes = async (done: ReturnType<StreamSession['deliver']>) =>
  (await done).refused.map(({ sequence, code }) => `${sequence} ${code}`).join()

test('deliver says each text once to everybody in the lobby, and tells those who come later', async (t) => {
  const { enter } = await openScene(t)
  const [first, second] = [await enter(ada), await enter(vera)]
  assert.deepEqual(await first.session.deliver('box', [say(1), say(2)]), { through: 2, refused: [] })
  assert.deepEqual(await first.session.deliver('box', [say(1), say(2), say(3)]), { through: 3, refused: [] })
  assert.deepEqual(await first.session.deliver('box', [say(2)]), { through: 3, refused: [] })
  const wanted = ['Ada: text 1', 'Ada: text 2', 'Ada: text 3']
  assert.deepEqual([first.heard, second.heard, (await enter(bob)).heard], [wanted, wanted, wanted])
  await second.session.deliver('box', [say(1, 'Viewers may speak as well')])
  assert.equal(first.heard.at(-1), 'Vera: Viewers may speak as well', 'her outbox is not his')
})

test('deliver does one thing in each turn of the event loop, and whoever brings much lets others have theirs', async (t) => {
  const { enter } = await openScene(t)
  const [flood, bob1] = [await enter(ada), await enter(bob)]
  let turns = 0
  const heardAt: number[] = []
  flood.session.followTexts(() => heardAt.push(turns))
  let isOver = false
  const turn = () => {
    turns++
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  await Promise.all([
    flood.session.deliver(
      'box',
      Array.from({ length: 20 }, (_, index) => say(index + 1)),
    ),
    bob1.session.deliver('box', [say(1), say(2)]),
  ])
  isOver = true
  const saidByTurn = Map.groupBy(heardAt.slice(-22), (at) => at)
  assert.ok(saidByTurn.size >= 21, `22 texts in ${saidByTurn.size} turns`)
  assert.ok(flood.heard.lastIndexOf('Bob: text 2') < 6, flood.heard.join())
})

test('deliver says nothing outside of the lobby that it is meant for', async (t) => {
  const { enter, host, lobby } = await openScene(t)
  const { session, heard } = await enter(ada)
  assert.equal(
    await codes(
      session.deliver('box', [
        { ...say(1), lobbyId: 'other' },
        { ...say(2), lobbyId: lobby.id },
      ]),
    ),
    '1 not-in-lobby',
  )
  assert.deepEqual(heard, ['Ada: text 2'])
  await session.leave()
  assert.equal(await codes(session.deliver('box', [say(3)])), '3 not-in-lobby')
  const other = await host.createLobby({ appId: 'memory' })
  await session.join(other.id)
  assert.equal(
    await codes(session.deliver('box', [say(3), { ...say(4), lobbyId: lobby.id }])),
    '3 not-in-lobby,4 not-in-lobby',
  )
  assert.equal(await codes(session.deliver('box', [say(5)])), '')
  assert.equal(heard.at(-1), 'elsewhere Ada: text 5')
})

test('deliver types into the app once, by whoever has or gets the seat', async (t) => {
  const { enter, typed } = await openScene(t)
  const [first, second, third] = [await enter(ada), await enter(bob), await enter(vera)]
  assert.equal(await codes(first.session.deliver('box', [type(1, 'ls\n')])), '')
  assert.equal(await codes(first.session.deliver('box', [type(1, 'ls\n')])), '')
  assert.ok(first.session.holds('keyboard-mouse'))
  assert.equal(await codes(second.session.deliver('box', [type(1)])), '1 seat-not-held')
  assert.equal(await codes(second.session.deliver('box', [type(1)])), '1 seat-not-held', 'the same answer again')
  assert.equal(await codes(third.session.deliver('box', [type(1)])), '1 input-forbidden')
  assert.deepEqual(typed(), ['ls\n'])
})

test('deliver waits for an app that is being started, and not for ever', async (t) => {
  const { host, clock, enter, parts, typed } = await openScene(t)
  const go = parts.hold('app')
  const starting = await host.createLobby({ appId: 'memory' })
  const { session } = await enter(ada)
  await session.leave()
  await session.join(starting.id)
  const tooLate = codes(session.deliver('box', [type(1)]))
  await settled()
  clock.advance(10_000)
  assert.equal(await tooLate, '1 app-not-running')
  const inTime = codes(session.deliver('box', [type(2)]))
  await settled()
  go()
  assert.equal(await inTime, '')
  assert.deepEqual(typed(), ['text 2'])
})

test('deliver changes seats once, and refuses what cannot be', async (t) => {
  const { enter } = await openScene(t)
  const { session } = await enter(ada)
  const seat = (sequence: number, wish: Extract<Delivery, { do: 'seat' }>['wish']): Delivery => ({
    sequence,
    do: 'seat',
    seat: 'keyboard-mouse',
    wish,
  })
  assert.equal(await codes(session.deliver('box', [seat(1, { do: 'request' })])), '')
  assert.ok(session.holds('keyboard-mouse'))
  assert.equal(
    await codes(session.deliver('box', [seat(2, { do: 'release' }), seat(3, { do: 'lock' })])),
    '3 forbidden',
  )
  assert.equal(await codes(session.deliver('box', [seat(1, { do: 'request' })])), '')
  assert.ok(!session.holds('keyboard-mouse'), 'a request that was done is not done again')
})

test('deliver does nothing for a session that has ended, so that another one can bring it', async (t) => {
  const { host, enter, parts, typed } = await openScene(t)
  const go = parts.hold('app')
  const starting = await host.createLobby({ appId: 'memory' })
  const lost = await enter(ada)
  await lost.session.leave()
  await lost.session.join(starting.id)
  const undecided = assert.rejects(
    lost.session.deliver('box', [type(1)]),
    (error) => error instanceof HostError && error.code === 'session-closed',
  )
  const back = host.createSession(ada)
  await back.join(starting.id)
  const done = codes(back.deliver('box', [type(1), type(2)]))
  await settled()
  assert.deepEqual(typed(), [], 'what is brought on another connection waits for its turn')
  await lost.session.close()
  await undecided
  go()
  assert.equal(await done, '')
  assert.deepEqual(typed(), ['text 1', 'text 2'])
  await assert.rejects(lost.session.deliver('box', [say(3)]), { code: 'session-closed' })
})

test('deliver refuses what cannot be written down, and does not do it', async (t) => {
  const ledger = new MemoryLedger()
  const failing = (error: Error) => async () => {
    throw error
  }
  const { enter, typed } = await openScene(t, { ledger })
  const { session, heard } = await enter(ada)
  ledger.said = failing(new Error('damaged'))
  ledger.done = failing(Object.assign(new Error('no space'), { code: 'disk-full', place: '/data' }))
  assert.equal(await codes(session.deliver('box', [say(1), type(2)])), '1 not-recorded,2 disk-full')
  assert.deepEqual([heard, typed()], [[], []])
})

test('texts of a lobby are forgotten with it', async (t) => {
  const ledger = new MemoryLedger()
  const { enter, host, lobby } = await openScene(t, { ledger })
  const { session } = await enter(ada)
  await session.deliver('box', [say(1)])
  assert.equal((await ledger.texts(lobby.id, 10)).length, 1)
  await host.stopLobby(lobby.id, 'It is late')
  assert.equal((await ledger.texts(lobby.id, 10)).length, 0)
})
