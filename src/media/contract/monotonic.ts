/** Microseconds of the machine's monotonic clock (`process.hrtime`): the same in every process of this machine. */
export function monotonicUs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1_000_000 + Math.floor(nanoseconds / 1000)
}
