/**
 * Adds the version of signalling that is declared now to those that hosts and clients know of, unless it is there:
 * node scripts/keep-protocol-version.mjs
 * Peers and recordings of the others are judged by what stands there, so that an entry goes only when nobody speaks it any more.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { shapeOfConversation } from '../src/kernel/monitor/conversation-shape.ts'
import { planConversation } from '../src/kernel/monitor/conversation.ts'
import { signalling } from '../src/wire/signal/protocol.ts'

const file = new URL('../src/wire/signal/versions.json', import.meta.url)
const kept = /** @type {{ fingerprint: string, shape: unknown }[]} */ (JSON.parse(readFileSync(file, 'utf8')))
const { fingerprint } = planConversation(signalling, 'host')
if (kept.some((each) => each.fingerprint === fingerprint)) console.log(`Version ${fingerprint} is kept already`)
else {
  kept.push({ fingerprint, shape: shapeOfConversation(signalling) })
  writeFileSync(file, `${JSON.stringify(kept)}\n`)
  console.log(`Kept version ${fingerprint}; now: node_modules/.bin/oxfmt src/wire/signal/versions.json`)
}
