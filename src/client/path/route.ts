import type { PathKind } from '../contract/client-path.ts'
import type { Flow } from './flow-watch.ts'
import type { MediaPath } from './media-path.ts'

/**
 * How far a way for media has come: it cannot be, is not being tried, is being opened, is open, or has shown a picture, and what
 * comes by it does so as ever, late, or no more.
 */
export type RouteProgress = 'impossible' | 'none' | 'opening' | 'open' | 'shows' | Exclude<Flow, 'flowing'>

/** A way that media can take, tried as often as it is worth it. Each owns what its tries need, and tells of every change. */
export interface Route {
  readonly progress: RouteProgress
  readonly kind: PathKind
  /** What can carry by it now; undefined while nothing can. */
  readonly path: MediaPath | undefined
  /** Nothing that comes by it is late. */
  readonly isFlowing: boolean
  /** It is to be ready. */
  want(): void
  /** A better one carries. Resolves when the host has had everything that this one still had to say. */
  leave(): Promise<void>
  /** A worse one carries in its place. True when it has given up for that what had shown. */
  overtaken(): boolean
  /** The network is back, or somebody looks again: no more waiting. */
  wake(): void
  close(reason: string): void
}
