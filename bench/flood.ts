/**
 * What others see while somebody floods the server: the longest gap between pictures of a viewer over WebRTC and of one through
 * the web port, both at once, in a quiet while and in one with the flood, and what the server and its processes hold
 * before, meanwhile and afterwards. Those who flood, and those who watch, are processes of their own.
 *
 *     npm run bench flood [-- --only pipelined,slow,idle,handshakes,stun,signalling,rtcp,data-channels,pointer,texts] [--seconds 8]
 *         [--profile DIRECTORY]
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openPorchlight, type RunningPorchlight } from '../test/support/running-porchlight.ts'
import type { FloodTarget } from './flood/flood-target.ts'
import { floodKinds, type FloodKind } from './flood/kinds.ts'
import { describeRun } from './support/describe-run.ts'
import { table } from './support/figures.ts'
import { flood } from './support/flooding.ts'
import { FloodWatchers, type WatcherPictures, type WatcherSample } from './support/flood-watchers.ts'
import { eventLoopDelayMs } from './support/house.ts'
import { heldBy, mostHeldBy, type Held } from './support/process-tree.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(floodKinds).join(',') },
    seconds: { type: 'string', default: '8' },
    profile: { type: 'string' },
  },
})
const durationMs = Number(values.seconds) * 1000
/** Of the watchers before anything is measured, and of the server after a flood. */
const settleMs = 3000

interface Measured {
  readonly kind: string
  readonly sent: string
  readonly seen: Readonly<Record<'quiet' | 'flooded', WatcherSample>>
  readonly loopMs: Readonly<Record<'quiet' | 'flooded', number>>
  readonly held: Readonly<Record<'before' | 'most' | 'after', Held>>
}

const kinds = values.only.split(',').map((name) => {
  if (!Object.hasOwn(floodKinds, name)) {
    throw new RangeError(`Cannot flood with "${name}": wanted ${Object.keys(floodKinds).join(', ')}`)
  }
  return name as FloodKind
})

console.log(`${describeRun()}\n`)
const measured: Measured[] = []
for (const kind of kinds) measured.push(await measure(kind))
console.log(report(measured))

/** A server of its own for each, so that one flood leaves nothing to the next. */
async function measure(kind: FloodKind): Promise<Measured> {
  const flags = ['--app', 'test-pattern', '--size', '640x360']
  const { profile } = values
  const environment = profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` }
  await using house = await openPorchlight({ flags, environment })
  await using watchers = new FloodWatchers()
  const { id: lobbyId } = await house.firstLobby()
  const watching = await house.invite(lobbyId, 'viewer')
  const { udpPort } = await watchers.watch({ url: house.signallingUrl, token: watching.token, lobbyId })
  await pause(settleMs)
  const [viewer, player] = [await house.invite(lobbyId, 'viewer'), await house.invite(lobbyId, 'player')]
  const target: FloodTarget = {
    port: house.port,
    udpPort,
    url: house.signallingUrl,
    lobbyId,
    viewerToken: viewer.token,
    playerToken: player.token,
  }

  const before = await heldBy(house.pid)
  await Promise.all([watchers.sample(), loopMs(house)])
  await pause(durationMs)
  const quiet = { seen: await watchers.sample(), loopMs: await loopMs(house) }

  const over = new AbortController()
  const most = mostHeldBy(house.pid, over.signal)
  await Promise.all([watchers.sample(), loopMs(house)])
  const sent = await flood({ kind, target, durationMs })
  const flooded = { seen: await watchers.sample(), loopMs: await loopMs(house) }
  over.abort()
  await pause(settleMs)
  return {
    kind,
    sent,
    seen: { quiet: quiet.seen, flooded: flooded.seen },
    loopMs: { quiet: quiet.loopMs, flooded: flooded.loopMs },
    held: { before, most: await most, after: await heldBy(house.pid) },
  }
}

/** The longest that the server's event loop was late since the last time; what the owner asks is answered in any flood. */
async function loopMs(house: RunningPorchlight): Promise<number> {
  return (await eventLoopDelayMs(house)).max
}

function report(all: readonly Measured[]): string {
  const gaps = ({ longestGapMs, losses }: WatcherPictures) =>
    `${longestGapMs.toFixed(0)}${losses === 0 ? '' : ` (cut off ${losses} times)`}`
  const pictures = table(
    [
      'flood',
      'sent',
      'WebRTC quiet ms',
      'WebRTC flooded',
      'web port quiet ms',
      'web port flooded',
      'event loop late by, quiet / flooded ms',
    ],
    all.map(({ kind, sent, seen: { quiet, flooded }, loopMs: late }) => [
      kind,
      sent,
      gaps(quiet.rtc),
      gaps(flooded.rtc),
      gaps(quiet.web),
      gaps(flooded.web),
      `${late.quiet.toFixed(0)} / ${late.flooded.toFixed(0)}`,
    ]),
  )
  const three = ({ before, most, after }: Measured['held'], read: (held: Held) => number) =>
    [before, most, after].map((held) => read(held).toFixed(0)).join(' / ')
  const held = table(
    ['before / most / after', 'server MB', 'its processes MB', 'descriptors of the server', 'of its processes'],
    all.map((each) => [
      each.kind,
      three(each.held, ({ serverMb }) => serverMb),
      three(each.held, ({ childrenMb }) => childrenMb),
      three(each.held, ({ serverDescriptors }) => serverDescriptors),
      three(each.held, ({ childrenDescriptors }) => childrenDescriptors),
    ]),
  )
  return `Longest gap between two pictures.\n\n${pictures}\n\n${held}`
}
