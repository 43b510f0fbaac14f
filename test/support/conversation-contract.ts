import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { goingAway, type Pipe } from '../../src/kernel/pipe.ts'
import type { Member } from '../../src/domain/member.ts'
import { signalCloseCode } from '../../src/wire/signal/messages.ts'
import { PipeClient } from './pipe-client.ts'
import { olga, openSignallingRig, vera } from './signalling-rig.ts'

interface PipePair extends AsyncDisposable {
  /** The host's end, and the client's. */
  readonly near: Pipe
  readonly far: Pipe
}

/** What is true of every conversation, whatever its pipe is made of. The host's time is virtual. */
export function testConversation(on: string, openPair: () => Promise<PipePair>): void {
  const openScene = async (t: TestContext) => {
    const rig = await openSignallingRig(t)
    const arrive = async (member: Member = olga) => {
      const pair = await openPair()
      t.after(() => pair[Symbol.asyncDispose]())
      const client = new PipeClient(pair.far)
      const conversation = rig.converse(pair.near, { member })
      const { id: sessionId, resumeToken = '' } = await client.heard('ready')
      await client.heard('place')
      return { client, conversation, sessionId, resumeToken }
    }
    const enter = async (member?: Member) => {
      const one = await arrive(member)
      one.client.says({ type: 'join', lobbyId: rig.lobbyId })
      await one.client.until(() => one.client.last('place')?.place.kind === 'lobby')
      return one
    }
    const resume = async ({ sessionId, resumeToken }: Awaited<ReturnType<typeof arrive>>) => {
      const back = await arrive()
      back.client.says({ type: 'reconnect', sessionId, resumeToken })
      return { ...back, ack: await back.client.heard('reconnect-ack') }
    }
    return { ...rig, arrive, enter, resume }
  }

  test(`a conversation on ${on} tells where the session is, who may do what there, who speaks and what is said`, async (t) => {
    const { enter, host } = await openScene(t)
    const { client } = await enter(vera)
    for (const type of ['seats', 'voices', 'texts'] as const) await client.heard(type)
    host.changeRole('vera', 'player')
    assert.deepEqual(await client.heard('role'), { type: 'role', role: 'player' })
    client.says({
      type: 'deliver',
      outbox: 'outbox-of-the-client',
      deliveries: [{ sequence: 1, do: 'say', text: 'Hello' }],
    })
    assert.deepEqual(await client.heard('delivered'), { type: 'delivered', through: 1, refused: [] })
    await client.until(() => client.last('texts')?.texts.at(-1)?.text === 'Hello')
  })

  test(`a conversation on ${on} asks whether anybody is there, and answers who asks`, async (t) => {
    const { arrive, clock } = await openScene(t)
    const { client } = await arrive()
    client.says({ type: 'ping', timestamp: 7 })
    assert.equal((await client.heard('pong')).timestamp, 7)
    clock.advance(15_000)
    await client.heard('ping')
  })

  test(`a conversation on ${on} is found again by whoever was lost, at the same place`, async (t) => {
    const { enter, resume, host } = await openScene(t)
    for (const code of [undefined, goingAway]) {
      const lost = await enter()
      lost.client.leaves(code)
      await lost.conversation.ended
      const { ack, client, sessionId } = await resume(lost)
      assert.deepEqual([ack.success, ack.historyRecovered, ack.sessionId], [true, true, lost.sessionId])
      assert.notEqual(sessionId, lost.sessionId)
      await client.until(() => client.last('place')?.place.kind === 'lobby')
      client.says({ type: 'bye' })
      await client.closed
    }
    assert.equal(host.sessions.size, 0)
  })

  test(`a conversation on ${on} is taken over from one that still stands`, async (t) => {
    const { enter, resume, host } = await openScene(t)
    const old = await enter()
    const back = await resume(old)
    assert.equal(back.ack.success, true)
    assert.equal((await old.client.heard('error')).code, 'surrendered')
    assert.deepEqual(await old.client.closed, { code: signalCloseCode.sessionEnded })
    assert.deepEqual([...host.sessions.keys()], [old.sessionId])
  })

  const ends: [how: string, end: (scene: { client: PipeClient; stop: () => void }) => void, code: number][] = [
    ['says goodbye', ({ client }) => client.says({ type: 'bye' }), 1000],
    ['is stopped by the host', ({ stop }) => stop(), signalCloseCode.sessionEnded],
    ['breaks the order', ({ client }) => client.says({ type: 'candidate', candidate: '' }), 4400],
    ['says what is no message', ({ client }) => client.saysRaw('hello'), 4400],
    ['sends bytes', ({ client }) => client.saysRaw(Uint8Array.of(1)), 4400],
    [
      'floods',
      ({ client }) => {
        for (let count = 0; count < 300; count++) client.says({ type: 'limit', bitrateBps: 0 })
      },
      signalCloseCode.flood,
    ],
  ]
  for (const [how, end, code] of ends) {
    test(`a conversation on ${on} that ${how} ends by its code, and is not found again`, async (t) => {
      const { arrive, resume, host } = await openScene(t)
      const one = await arrive()
      end({ client: one.client, stop: () => void host.sessions.get(one.sessionId)?.close('stopped') })
      await one.client.closed
      assert.equal(one.client.closedWith, code)
      await one.conversation.ended
      assert.equal((await resume(one)).ack.success, false)
    })
  }

  test(`a conversation on ${on} ends with its member's right to be here`, async (t) => {
    const { arrive, resume, causeOf } = await openScene(t)
    const one = await arrive()
    one.client.leaves(signalCloseCode.revoked)
    await one.conversation.ended
    assert.deepEqual(causeOf(one.sessionId), { type: 'StopStream', sessionId: one.sessionId, cause: 'revoked' })
    assert.equal((await resume(one)).ack.success, false)
  })

  test(`a conversation on ${on} is silent after a minute of silence, and found again`, async (t) => {
    const { arrive, resume, clock } = await openScene(t)
    const one = await arrive()
    clock.advance(80_000)
    await one.conversation.ended
    await one.client.closed
    assert.equal(one.client.closedWith, 'cut')
    assert.equal((await resume(one)).ack.success, true)
  })
}
