const units = [
  ['day', 24 * 3600_000],
  ['hour', 3600_000],
  ['minute', 60_000],
] as const

/** `2 hours ago`, `in 7 days`, in whole units. */
export function describeMoment(iso: string, nowMs: number): string {
  const distanceMs = Date.parse(iso) - nowMs
  const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
  const [unit, unitMs] = units.find(([, ms]) => Math.abs(distanceMs) >= ms) ?? []
  if (unit === undefined || unitMs === undefined) return distanceMs > 0 ? 'in a moment' : 'just now'
  return format.format(Math.round(distanceMs / unitMs), unit)
}
