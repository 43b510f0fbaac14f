/** Longest line of a pull's report that is believed. */
const maxLineLength = 64 * 1024

/**
 * Reads how far the pull of an image is (Docker Engine API, "Create an image"): one JSON object a line, each about one
 * layer. `push` returns the share that has come, in percent, when it can be told; throws when the pull has failed.
 */
export class PullProgress {
  readonly #layers = new Map<string, { readonly current: number; readonly total: number }>()
  #rest = ''

  push(text: string): number | undefined {
    const lines = (this.#rest + text).split('\n')
    this.#rest = (lines.pop() ?? '').slice(0, maxLineLength)
    for (const line of lines) this.#read(line)
    let [current, total] = [0, 0]
    for (const layer of this.#layers.values()) {
      current += layer.current
      total += layer.total
    }
    return total > 0 ? Math.min(100, Math.floor((100 * current) / total)) : undefined
  }

  #read(line: string): void {
    const told = parsed(line)
    if (typeof told['error'] === 'string') throw new Error(told['error'])
    const { id, progressDetail } = told
    const { current, total } = (progressDetail ?? {}) as Record<string, unknown>
    if (typeof id !== 'string' || typeof current !== 'number' || typeof total !== 'number') return
    if (this.#layers.size < 1000 || this.#layers.has(id)) this.#layers.set(id, { current, total })
  }
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const told: unknown = JSON.parse(line)
    return typeof told === 'object' && told !== null ? (told as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
