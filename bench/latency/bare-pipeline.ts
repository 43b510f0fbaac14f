import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DurationWindow } from '../../src/kernel/duration-window.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { until } from '../../src/kernel/readable.ts'
import { monotonicUs } from '../../src/media/contract/monotonic.ts'
import type { SourceSpec } from '../../src/media/contract/producer.ts'
import { openMediaProcess } from '../../src/media/media-process.ts'
import { PrivateDisplay } from '../../src/media/testing/private-display.ts'

const size = { width: 1280, height: 720 }
const fps = 60
const movingField = fileURLToPath(new URL('../support/moving-field.ts', import.meta.url))

export type BareSource = 'display' | 'test-pattern'

/**
 * The floor of capture to packet: one media process that captures and encodes the same pictures for one who takes them as they come, and
 * nothing else. In milliseconds, from the capture of a picture to where it would be sent.
 */
export async function measureBarePipeline(source: BareSource, bitrateBps: number, durationMs: number) {
  if (source === 'test-pattern') {
    const card = { kind: 'test-pattern', ...size, fps, title: 'Bench', lines: ['bare'], tone: undefined } as const
    return measure(card, bitrateBps, durationMs)
  }
  await using display = await PrivateDisplay.open(size.width, size.height)
  const field = spawn(process.execPath, [movingField], { env: display.environment, stdio: 'ignore' })
  try {
    const { name, authorityFile } = display
    return await measure({ kind: 'x11', display: name, authorityFile, fps, sound: undefined }, bitrateBps, durationMs)
  } finally {
    await end(field)
  }
}

async function measure(spec: SourceSpec, bitrateBps: number, durationMs: number): Promise<DurationWindow> {
  await using media = await openMediaProcess({ name: 'bench', log: silentLog })
  const producer = media.addProducer('source', spec)
  await until(producer.state, ({ status }) => status === 'live')
  // As many as the host tells of.
  const tookMs = new DurationWindow(1024)
  producer.watch(
    { codecs: ['h264'], bitrateBps, audio: false },
    { video: ({ captureUs }) => tookMs.add((monotonicUs() - captureUs) / 1000), audio() {} },
  )
  await pause(durationMs)
  return tookMs
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill()
  await gone
}
