/** `0.4 s`, `42 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`: the two units that matter. */
export function describeDuration(durationMs: number): string {
  const seconds = Math.max(0, durationMs) / 1000
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  if (seconds < 59.5) return `${Math.round(seconds)} s`
  if (seconds < 3570) return pair(Math.round(seconds), 60, 'min', 's')
  if (seconds < 24 * 3600 - 30) return pair(Math.round(seconds / 60), 60, 'h', 'min')
  return pair(Math.round(seconds / 3600), 24, 'd', 'h')
}

function pair(small: number, each: number, largeUnit: string, smallUnit: string): string {
  const rest = small % each
  return `${Math.floor(small / each)} ${largeUnit}${rest === 0 ? '' : ` ${rest} ${smallUnit}`}`
}
