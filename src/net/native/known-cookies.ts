import type { DatagramPath } from '../contract/datagram-path.ts'

/** As long as a responder takes one for certain; one that it does not take any more is answered by a fresh one. */
const goodForMs = 60_000
const mostKnown = 64

/** The cookies that this end was given lately, so that it has proved its address when it comes again: that saves a round trip. */
export class KnownCookies {
  readonly #known = new Map<string, { readonly cookie: Uint8Array; readonly untilMs: number }>()

  /** What whoever has that key gave to this end on that path. */
  get(path: DatagramPath, peerKey: Uint8Array | undefined, nowMs: number): Uint8Array | undefined {
    const known = this.#known.get(nameOf(path, peerKey))
    return known && nowMs < known.untilMs ? known.cookie : undefined
  }

  put(path: DatagramPath, peerKey: Uint8Array | undefined, given: { cookie: Uint8Array; nowMs: number }): void {
    const name = nameOf(path, peerKey)
    this.#known.delete(name)
    const [oldest] = this.#known.keys()
    if (this.#known.size >= mostKnown && oldest !== undefined) this.#known.delete(oldest)
    this.#known.set(name, { cookie: given.cookie, untilMs: given.nowMs + goodForMs })
  }
}

function nameOf({ name, way = '' }: DatagramPath, peerKey: Uint8Array | undefined): string {
  return `${name} ${way} ${peerKey?.join() ?? ''}`
}
