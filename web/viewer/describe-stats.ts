/** `12 ms`, or a dash for what is not known. */
export function describeTime(ms: number | undefined): string {
  if (ms === undefined) return '– ms'
  if (ms < 1) return '< 1 ms'
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}

/** `4.2 Mbit/s`, `320 kbit/s`. */
export function describeRate(bps: number | undefined): string {
  if (bps === undefined) return '–'
  return bps >= 1e6 ? `${(bps / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bps / 1e3)} kbit/s`
}

/** `0.4 %`. */
export function describeShare(ratio: number | undefined): string {
  return ratio === undefined ? '–' : `${(ratio * 100).toFixed(ratio > 0 && ratio < 0.1 ? 1 : 0)} %`
}
