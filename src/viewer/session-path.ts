import type { ObservedFact, PathReason } from '../host/contract/stream-session.ts'
import type { WirePath } from './contract/viewer-wire.ts'

/**
 * By which path a session's client has its media, of all that stand. Both are opened at once, and which is ready first is chance: a
 * client lets the web port go as soon as it shows what comes by WebRTC, so that is the path exactly as long as it stands.
 */
export class SessionPath {
  readonly #observe: (observation: ObservedFact) => void
  /** By viewer, in the order in which they began to carry. */
  readonly #paths = new Map<object, WirePath>()
  #told: { readonly viewer: object; readonly path: WirePath; readonly reason: PathReason } | undefined

  constructor(options: { readonly observe: (observation: ObservedFact) => void }) {
    this.#observe = options.observe
  }

  /** The one that carries, and why; undefined before the first. */
  get now(): (WirePath & { readonly reason: PathReason }) | undefined {
    return this.#told && { ...this.#told.path, reason: this.#told.reason }
  }

  /** The viewer has been reached by this path. */
  carries(viewer: object, path: WirePath): void {
    const isMoved = this.#told?.viewer === viewer
    this.#paths.delete(viewer)
    this.#paths.set(viewer, path)
    this.#tell(isMoved ? 'moved' : path.path === 'web-port' ? 'fallback' : 'better')
  }

  /** `hasMoved`: the client has let it go for what is left. */
  ended(viewer: object, hasMoved = false): void {
    if (this.#paths.delete(viewer)) this.#tell(hasMoved ? 'better' : 'lost')
  }

  #tell(reason: PathReason): void {
    const standing = [...this.#paths]
    const now = standing.findLast(([, { path }]) => path === 'web-port') ?? standing.at(-1)
    if (!now) return
    const [viewer, path] = now
    if (path === this.#told?.path) return
    const why = this.#told === undefined ? 'first' : reason
    this.#told = { viewer, path, reason: why }
    this.#observe({ kind: 'path', ...path, reason: why })
  }
}
