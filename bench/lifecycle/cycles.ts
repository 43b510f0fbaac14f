import { openPorchlight } from '../../test/support/running-porchlight.ts'
import { switchHead, switchRow } from '../latency/switches.ts'
import type { Switched } from '../support/bench-viewer.ts'
import { table } from '../support/figures.ts'
import { MeasuringBrowser } from '../support/measuring-browser.ts'
import { MemoryMeter, type Memory } from '../support/memory-of.ts'
import { memoryTable } from './memory-table.ts'
import { lobbyHeight, SwitchingPage } from '../support/switching-page.ts'

/** Long enough to see the gap of a switch, short enough for a thousand of them. */
const marginMs = 60
const cyclesPerSample = 25

/** Joins and leaves a lobby, again and again on one connection: gaps, pictures that could not be decoded, memory. */
export async function measureCycles(times: number): Promise<string> {
  await using browser = await MeasuringBrowser.open()
  await using house = await openPorchlight({ flags: ['--app', 'test-pattern', '--size', `1280x${lobbyHeight}`] })
  const page = await SwitchingPage.open(browser, house, marginMs)
  await using meter = await MemoryMeter.open(house.pid)
  const joins: Switched[] = []
  const leaves: Switched[] = []
  const memory: [cycle: number, found: Memory][] = []
  for (let cycle = 0; cycle < times; cycle++) {
    joins.push(await page.join())
    leaves.push(await page.leave())
    if (cycle % cyclesPerSample === 0) memory.push([cycle, await meter.read()])
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
    memoryTable(memory),
  ].join('\n\n')
}
