/**
 * How long things take: from capture to packet, from the host's picture to the browser's, from a click to the first
 * picture, between two places; and what a lobby costs in which nothing happens. Needs Chromium, Xvnc and the built page.
 *
 *     npm run bench latency [-- --only packet,glass,join,switch,idle] [--seconds 10] [--joins 24]
 */
import { parseArgs } from 'node:util'
import { measureCaptureToPacket } from './latency/capture-to-packet.ts'
import { measureGlassToGlass } from './latency/glass-to-glass.ts'
import { measureIdle } from './latency/idle.ts'
import { measureJoins } from './latency/joins.ts'
import { measureSwitches } from './latency/switches.ts'
import { describeRun } from './support/describe-run.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'packet,glass,join,switch,idle' },
    seconds: { type: 'string', default: '10' },
    joins: { type: 'string', default: '24' },
  },
})
const durationMs = Number(values.seconds) * 1000
const times = Number(values.joins)

const parts: Readonly<Record<string, () => Promise<string>>> = {
  packet: () => measureCaptureToPacket(),
  glass: () => measureGlassToGlass(durationMs),
  join: () => measureJoins(times),
  switch: () => measureSwitches(times),
  idle: () => measureIdle(2 * durationMs),
}

console.log(describeRun())
for (const name of values.only.split(',')) {
  const part = parts[name]
  if (!part) throw new RangeError(`Cannot measure "${name}": wanted ${Object.keys(parts).join(', ')}`)
  console.log(`\n${await part()}`)
}
