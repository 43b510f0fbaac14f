/**
 * Says what is typed here to everybody in a lobby, and shows what they say. What is typed while the connection is away is
 * said when it is back, once and in order.
 *
 *     node examples/client/chat.ts 'https://host/#lobby=...&invite=...'
 */
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { PorchlightClient } from '../../src/client/index.ts' // elsewhere: 'porchlight/client'

const [link = ''] = parseArgs({ allowPositionals: true }).positionals
const client = new PorchlightClient({
  signallingUrl: link,
  media: 'none',
  reconnection: { maxRetries: Number.POSITIVE_INFINITY },
})
client.on('stateChange', (state) => console.error(`(${state})`))
client.on('reconnecting', (attempt) => console.error(`(try ${attempt}, ${client.outbox.value.length} to be said)`))
client.on('error', ({ message }) => console.error(`(${message})`))
client.on('text', ({ name, text, memberId }) => console.log(`${memberId === client.memberId ? 'you' : name}: ${text}`))
const refused = client.start()
// What cannot be helped, a link that is revoked for instance, ends it.
refused.catch(() => process.exit(1))

const said: Promise<void>[] = []
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() !== '') said.push(client.sendText(line))
}
await Promise.allSettled(said)
await client.close()
