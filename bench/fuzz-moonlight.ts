/**
 * Somebody who means no good against a running server's Moonlight ports, over real sockets: questions over HTTP and HTTPS, requests of
 * the negotiation, datagrams of every kind to the port of the stream, each by chance. Nothing may be answered by UDP, every question has
 * to be, and the server holds no more memory at the end than after a while.
 *
 *     npm run bench fuzz-moonlight [-- --rounds 100] [--seed 1]
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { seededRandom } from '../src/kernel/seeded-random.ts'
import { MoonlightFoe } from '../test/support/moonlight/moonlight-foe.ts'
import { openPorchlight } from '../test/support/running-porchlight.ts'
import { describeRun } from './support/describe-run.ts'
import { heldBy } from './support/process-tree.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
})
const rounds = Number(values.rounds)
/** In each round. */
const questions = 40
const negotiations = 40
const datagrams = 5000

console.log(`${describeRun()}\n`)
const port = randomInt(12_000, 30_000)
await using house = await openPorchlight({
  flags: ['--app', 'test-pattern', '--size', '320x240', '--moonlight', 'on', '--moonlight-port', `${port}`],
})
using foe = new MoonlightFoe({ port, random: seededRandom(Number(values.seed)), address: '127.0.0.8' })
await foe.open()
let unanswered = 0
const held: number[] = []
for (let round = 0; round < rounds; round++) {
  for (let asked = 0; asked < questions; asked++) {
    const { answer } = await foe.ask(asked % 4 === 0 ? foe.identity : undefined)
    if (answer === '') unanswered++
  }
  await Promise.all(Array.from({ length: negotiations }, () => foe.negotiate()))
  for (let said = 0; said < datagrams; said++) {
    foe.speak()
    if (said % 200 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const { serverMb, childrenMb } = await heldBy(house.pid)
  held.push(serverMb + childrenMb)
}
const isUp = (await foe.askFor('/serverinfo', undefined)).startsWith('200')
const at = (share: number) => Math.round(held[Math.min(held.length - 1, Math.floor(share * held.length))] ?? 0)
console.log(`| what | figure |
| --- | --- |
| questions, and those without an answer | ${rounds * questions} and ${unanswered} |
| requests of the negotiation | ${rounds * negotiations} |
| datagrams, their bytes, and bytes that came back | ${rounds * datagrams}, ${foe.udp.sent} and ${foe.udp.received} |
| memory after a quarter, a half and all of it | ${at(0.25)}, ${at(0.5)} and ${at(1)} MB |
| errors in the log | ${house.log.split('\n').filter((line) => line.includes('"level":"error"')).length} |
| the server still answers | ${isUp ? 'yes' : 'no'} |`)
if (!isUp || unanswered > 0 || foe.udp.received > 0) process.exitCode = 1
