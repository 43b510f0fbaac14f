import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScriptedSocket } from '../../../test/support/scripted-host.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { planConversation } from '../../kernel/monitor/conversation.ts'
import type { PeerVersion } from '../../kernel/monitor/known-versions.ts'
import { pongLimitMs, resumableMs, signalling } from '../../wire/signal/protocol.ts'
import { SignalSocket, type SessionTicket } from './signal-socket.ts'

const plan = planConversation(signalling, 'client')

function open({ resume, judge }: { resume?: SessionTicket; judge?: (fingerprint: string) => PeerVersion } = {}) {
  const clock = new ManualClock()
  const sockets: ScriptedSocket[] = []
  const asked: string[] = []
  const signal = new SignalSocket({
    url: 'ws://host',
    token: 'secret',
    resume,
    plan,
    versions: {
      judge: (role, fingerprint) => {
        asked.push(`${role} ${fingerprint}`)
        return judge?.(fingerprint) ?? { kind: 'unknown' }
      },
    },
    clock,
    createSocket: (_url, protocols) => {
      const made = new ScriptedSocket(protocols)
      sockets.push(made)
      return made
    },
    onMessage: () => {},
  })
  const [socket] = sockets
  assert.ok(socket)
  socket.open()
  const greet = (conversation?: string) =>
    socket.say({ type: 'ready', id: 'a', protocolVersion: 1, iceServers: [], ...(conversation && { conversation }) })
  return { clock, signal, socket, greet, asked }
}

test('SignalSocket tells its version, and asks after that of a host that tells it', async () => {
  const { socket, greet, asked } = open()
  assert.ok(socket.protocols.includes(`conversation.${plan.fingerprint}`))
  greet(plan.fingerprint)
  assert.deepEqual(asked, [`host ${plan.fingerprint}`])
  const without = open()
  without.greet()
  assert.deepEqual(without.asked, [])
  for (const kind of ['same', 'unknown', 'safe'] as const) {
    const { signal, ...other } = open({ judge: () => ({ kind }) })
    other.greet('0123456789abcdef')
    assert.deepEqual(other.asked, ['host 0123456789abcdef'])
    assert.equal((await signal.greeted(new AbortController().signal)).session.id, 'a')
    assert.equal(other.socket.closed, false)
  }
})

test('SignalSocket leaves a host whose version is not safe with its own, and says what differs', async () => {
  const { signal, greet } = open({ judge: () => ({ kind: 'unsafe', differences: ['it sings'] }) })
  greet('0123456789abcdef')
  const end = await signal.closed
  assert.ok(end.kind === 'error')
  assert.match(String(end.error), /too old for this client: it sings/)
  assert.equal((end.error as { code?: string }).code, 'incompatible-version')
})

test('SignalSocket takes a host for lost that does not answer within the limits of the protocol', async () => {
  const silent = open()
  silent.greet()
  const asking = silent.signal.probe()
  silent.clock.advance(pongLimitMs - 1)
  assert.equal(silent.socket.closed, false)
  silent.clock.advance(1)
  assert.equal(await asking, undefined)
  const end = await silent.signal.closed
  assert.ok(end.kind === 'error' && /not answered for 10000 ms/.test(end.error.message))
  assert.equal(silent.clock.pending, 0)

  const forgetful = open({ resume: { id: 'a', resumeToken: 'x' } })
  forgetful.greet()
  for (let waitedMs = 0; waitedMs < resumableMs; waitedMs += 1000) {
    forgetful.clock.advance(1000)
    const ping = forgetful.socket.heard.findLast((message) => message.type === 'ping')
    if (ping && forgetful.signal.unansweredMs !== undefined) {
      forgetful.socket.say({ type: 'pong', timestamp: ping.timestamp })
    }
  }
  const lost = await forgetful.signal.closed
  assert.ok(lost.kind === 'error' && /not given the session back for 60000 ms/.test(lost.error.message))
})
