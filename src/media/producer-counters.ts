import { type AccessUnit, bytesOf } from './contract/access-unit.ts'
import { DurationWindow } from '../kernel/duration-window.ts'
import type { Percentiles, ProducerStatistics } from './producer-statistics.ts'

const windowUnits = 512

/** Counts what a producer does. */
export class ProducerCounters {
  restarts = 0
  audioUnits = 0
  #captures = 0
  #lastCaptureUs = -Infinity
  #units = 0
  #keyUnits = 0
  #bytes = 0
  readonly #encodingMs = new DurationWindow(windowUnits)
  readonly #captureToUnitMs = new DurationWindow(windowUnits)

  video(unit: AccessUnit, encodingUs: number): void {
    const { key, captureUs, encodedUs } = unit
    // Renditions share captures: only the first unit of each is a new one.
    if (captureUs > this.#lastCaptureUs) {
      this.#lastCaptureUs = captureUs
      this.#captures++
    }
    this.#units++
    if (key) this.#keyUnits++
    this.#bytes += bytesOf(unit)
    this.#encodingMs.add(encodingUs / 1000)
    this.#captureToUnitMs.add((encodedUs - captureUs) / 1000)
  }

  statistics(now: Pick<ProducerStatistics, 'watchers' | 'renditions'>): ProducerStatistics {
    return {
      ...now,
      picturesCaptured: this.#captures,
      unitsEncoded: this.#units,
      keyUnits: this.#keyUnits,
      videoBytes: this.#bytes,
      audioUnits: this.audioUnits,
      restarts: this.restarts,
      encodingMs: percentilesOf(this.#encodingMs),
      captureToUnitMs: percentilesOf(this.#captureToUnitMs),
    }
  }
}

function percentilesOf(window: DurationWindow): Percentiles | undefined {
  const p50 = window.percentile(0.5)
  const p95 = window.percentile(0.95)
  return p50 === undefined || p95 === undefined ? undefined : { p50, p95 }
}
