import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { replay } from '../src/cli/replay.ts'
import { openMemoryPipe } from '../src/kernel/memory-pipe.ts'
import { messageOf } from '../src/kernel/coded-error.ts'
import { ConversationMonitor, planConversation } from '../src/kernel/monitor/conversation.ts'
import { replayConversation } from '../src/kernel/monitor/recording.ts'
import { decodeServerMessage, encodeSignal } from '../src/wire/signal/codec.ts'
import type { ClientMessage, ServerMessage } from '../src/wire/signal/messages.ts'
import { maxCandidates, signalling } from '../src/wire/signal/protocol.ts'
import { chromiumOffer } from './support/browser-offers.ts'
import { openSignallingRig } from './support/signalling-rig.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const offer: ClientMessage = { type: 'offer', signal: { type: 'offer', sdp: chromiumOffer() } }
const candidate: ClientMessage = { type: 'candidate', candidate: '' }
const joining: ClientMessage = { type: 'join', lobbyId: 'nowhere' }
const reconnect: ClientMessage = { type: 'reconnect', sessionId: 'forgotten' }
const bye: ClientMessage = { type: 'bye' }
const delivery: ClientMessage = {
  type: 'deliver',
  outbox: 'outbox-of-the-client',
  deliveries: [{ sequence: 1, do: 'say', text: 'late' }],
}

/** What a client says behind the greeting, and which of it is the first that is wrong. */
const wrongs: [what: string, says: readonly ClientMessage[], first: number][] = [
  ['a candidate before an offer', [candidate], 0],
  ['reconnect behind a join', [joining, reconnect], 1],
  ['66 candidates', [offer, ...Array.from({ length: 66 }, () => candidate)], 1 + maxCandidates],
  ['an offer after bye', [bye, offer], 1],
  ['a candidate after bye', [offer, bye, candidate], 2],
  ['a delivery after bye', [bye, delivery], 1],
  ['a ping after bye', [bye, { type: 'ping', timestamp: 0 }], 1],
  ['another bye', [bye, bye], 1],
]

for (const [what, says, first] of wrongs) {
  test(`${what} is refused at the same message by the host, by the client's own monitor and by replay`, async (t) => {
    const { converse, recordings } = await openSignallingRig(t)
    const [near, far] = openMemoryPipe()
    const monitor = new ConversationMonitor(planConversation(signalling, 'client'))
    const told: ServerMessage[] = []
    let isWrong = false
    far.listen({
      message(text) {
        const message = decodeServerMessage(text)
        told.push(message)
        if (!isWrong) monitor.received(message.type)
      },
      fault: assert.fail,
    })
    const conversation = converse(near)
    for (const [index, message] of says.entries()) {
      const mayBeSaid = monitor.may('sent', message.type)
      assert.equal(mayBeSaid || isWrong, index !== first, `the client's monitor judges message ${index}`)
      if (mayBeSaid) monitor.sent(message.type)
      isWrong ||= !mayBeSaid
      assert.equal(near.open, index <= first, `the host hears message ${index}`)
      far.send(encodeSignal(message))
    }
    await conversation.ended
    const refusal = told.findLast((message) => message.type === 'error')
    assert.ok(refusal && ['out-of-order', 'unexpected-message'].includes(refusal.code), refusal?.code)

    const [recording = ''] = recordings
    const replayed = replayConversation(recording, (_name, role) => planConversation(signalling, role))
    const heard = replayed.messages.filter(({ direction }) => direction === 'received')
    assert.equal(heard.length - 1, first)
    assert.equal(replayed.violation?.got.label, says[first]?.type)
    assert.equal(messageOf(replayed.violation), refusal.message)

    const directory = temporaryDirectory(t)
    writeFileSync(join(directory, 'recording.jsonl'), recording)
    let printed = ''
    const output = { isTTY: false, columns: 80, write: (text: string) => void (printed += text) }
    const code = await replay({ args: ['recording.jsonl'], directory, output } as never)
    assert.notEqual(code, 0)
    assert.ok(printed.endsWith(`Violation: ${refusal.message}\n`), printed)
  })
}
