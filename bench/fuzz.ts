/**
 * The protocol fuzzer on a running server: conversations over real sockets as the declaration of signalling allows them, each ended
 * by a goodbye, a cut, or something wrong at a random place; media sockets with input, and sessions that are lost and come back. The
 * server has to keep to the protocol, fault at the first wrong message and nowhere else, never hang, and hold no more memory at the end than after a while.
 *
 *     npm run bench fuzz [-- --messages 1000000] [--at-once 24] [--length 160] [--seed 1]
 */
import { parseArgs } from 'node:util'
import { openPorchlight } from '../test/support/running-porchlight.ts'
import { fuzzConversation, type FuzzPlan } from '../test/support/fuzz/fuzzed-conversation.ts'
import { fuzzMedia } from '../test/support/fuzz/fuzzed-media.ts'
import { fuzzReturn } from '../test/support/fuzz/fuzzed-return.ts'
import { describeRun } from './support/describe-run.ts'
import { heldBy, type Held } from './support/process-tree.ts'

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    'at-once': { type: 'string', default: '24' },
    length: { type: 'string', default: '160' },
    seed: { type: 'string', default: '1' },
  },
})
const messages = Number(values.messages)
const most = Number(values.length)

console.log(`${describeRun()}\n`)
await using house = await openPorchlight({ flags: ['--app', 'test-pattern', '--size', '320x240'] })
const { id: lobbyId } = await house.firstLobby()
const target = { url: house.signallingUrl, token: house.ownerToken, lobbyId }

const ends: Record<FuzzPlan, number> = { wrong: 0, bye: 0, cut: 0 }
const sides = { media: 0, returns: 0 }
const complaints = new Map<string, number>()
const held: [share: number, Held][] = []
let seed = Number(values.seed)
let looks = 0
let sent = 0
let received = 0
const startMs = performance.now()

/** One in ten is about media, one about a session that is lost and comes back. */
async function fuzzOne(own: number) {
  if (own % 10 === 0) {
    sides.media++
    return await fuzzMedia(target, own, most)
  }
  if (own % 10 === 5) {
    sides.returns++
    return await fuzzReturn(target, own)
  }
  const outcome = await fuzzConversation(target, own, most)
  ends[outcome.plan]++
  return outcome
}

async function talk(): Promise<void> {
  while (sent < messages) {
    const own = seed++
    const outcome = await fuzzOne(own)
    sent += outcome.sent
    received += outcome.received
    for (const complaint of outcome.complaints) {
      const count = complaints.get(complaint) ?? 0
      if (count === 0) console.log(`seed ${own}: ${complaint}`)
      complaints.set(complaint, count + 1)
    }
    if (sent >= (messages * looks) / 10) {
      looks++
      held.push([sent / messages, await heldBy(house.pid)])
    }
  }
}

await Promise.all(Array.from({ length: Number(values['at-once']) }, talk))
const seconds = (performance.now() - startMs) / 1000
const conversations = ends.wrong + ends.bye + ends.cut
console.log(`| what | figure |
| --- | --- |
| messages to the server, and from it | ${sent} and ${received} in ${seconds.toFixed(0)} s |
| conversations | ${conversations}: ${ends.wrong} broken, ${ends.bye} left, ${ends.cut} cut |
| beside them, with media sockets and their input, and sessions that come back | ${sides.media} and ${sides.returns} |
| faults that were missing, late or elsewhere; hangs; words of the server that were wrong | ${[...complaints.values()].reduce((all, each) => all + each, 0)} |
| server, of all messages | ${held.map(([share, { serverMb }]) => `${(100 * share).toFixed(0)} %: ${serverMb.toFixed(0)} MiB`).join(', ')} |
| descriptors of the server, first and last | ${held[0]?.[1].serverDescriptors} and ${held.at(-1)?.[1].serverDescriptors} |`)
if (complaints.size > 0) process.exitCode = 1
