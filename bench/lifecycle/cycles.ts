import { openPorchlight } from '../../test/support/running-porchlight.ts'
import { switchHead, switchRow } from '../latency/switches.ts'
import type { Switched } from '../support/bench-viewer.ts'
import { slope, table } from '../support/figures.ts'
import { processGroups } from '../support/house.ts'
import { MeasuringBrowser } from '../support/measuring-browser.ts'
import { residentKb } from '../support/memory-of.ts'
import { lobbyHeight, SwitchingPage } from '../support/switching-page.ts'

/** Long enough to see the gap of a switch, short enough for a thousand of them. */
const marginMs = 120
const cyclesPerSample = 25
/** Heaps that have been filled once do not grow any more; before that, growth says nothing. */
const warmUpShare = 0.3

/** Joins and leaves a lobby, again and again on one connection: gaps, pictures that could not be decoded, memory. */
export async function measureCycles(times: number): Promise<string> {
  await using browser = await MeasuringBrowser.open()
  await using house = await openPorchlight({ flags: ['--app', 'test-pattern', '--size', `1280x${lobbyHeight}`] })
  const page = await SwitchingPage.open(browser, house, marginMs)
  const { media } = await processGroups(house)
  const joins: Switched[] = []
  const leaves: Switched[] = []
  const server: [cycle: number, kb: number][] = []
  const encoders: [cycle: number, kb: number][] = []
  for (let cycle = 0; cycle < times; cycle++) {
    joins.push(await page.join())
    leaves.push(await page.leave())
    if (cycle % cyclesPerSample !== 0) continue
    server.push([cycle, await residentKb(house.pid)])
    const each = await Promise.all(media.map(residentKb))
    encoders.push([cycle, each.reduce((sum, kb) => sum + kb, 0)])
  }
  const { framesReceived, framesDecoded, framesDropped, keyFramesDecoded, pliCount, freezeCount, packetsLost } =
    await page.statistics()
  return [
    table(switchHead, [switchRow('waiting room to lobby', joins), switchRow('lobby to waiting room', leaves)]),
    table(
      ['frames received', 'decoded', 'dropped', 'key frames', 'key frames asked for', 'freezes', 'packets lost'],
      [
        [framesReceived, framesDecoded, framesDropped, keyFramesDecoded, pliCount, freezeCount, packetsLost].map(
          String,
        ),
      ],
    ),
    table(
      ['memory in RAM', 'after warming up', 'at the end', 'growth for each join and leave'],
      [memoryRow('server', server), memoryRow('media processes', encoders)],
    ),
  ].join('\n\n')
}

function memoryRow(name: string, samples: readonly (readonly [number, number])[]): readonly string[] {
  const warm = samples.slice(Math.floor(samples.length * warmUpShare))
  const megabytes = (sample: readonly [number, number] | undefined) => `${((sample?.[1] ?? 0) / 1024).toFixed(1)} MB`
  return [name, megabytes(warm[0]), megabytes(warm.at(-1)), `${slope(warm).toFixed(2)} kB`]
}
