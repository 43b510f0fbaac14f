import type { Observation } from '../host/contract/stream-session.ts'

/** A way that media takes to a viewer. */
export type ViewerPath = Omit<Extract<Observation, { readonly kind: 'path' }>, 'kind'>

/**
 * By which path a session's client has its media, of all that stand. Both are opened at once, and which is ready first is chance: a
 * client lets the web port go as soon as it shows what comes by WebRTC, so that is the path exactly as long as it stands.
 */
export class SessionPath {
  readonly #observe: (observation: Observation) => void
  /** By viewer, in the order in which they began to carry. */
  readonly #paths = new Map<object, ViewerPath>()
  #told: ViewerPath | undefined

  constructor(options: { readonly observe: (observation: Observation) => void }) {
    this.#observe = options.observe
  }

  /** The viewer has been reached by this path. */
  carries(viewer: object, path: ViewerPath): void {
    this.#paths.delete(viewer)
    this.#paths.set(viewer, path)
    this.#tell()
  }

  ended(viewer: object): void {
    if (this.#paths.delete(viewer)) this.#tell()
  }

  #tell(): void {
    const standing = [...this.#paths.values()]
    const now = standing.findLast(({ path }) => path === 'web-port') ?? standing.at(-1)
    if (!now || now === this.#told) return
    this.#told = now
    this.#observe({ kind: 'path', ...now })
  }
}
