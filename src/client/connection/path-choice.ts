import type { Flow } from './flow-watch.ts'

/** Where the peer connection is: nothing, being opened, open, or open with a picture that was seen and comes, or comes no more. */
export type PeerProgress = 'none' | 'opening' | 'open' | 'shows' | Exclude<Flow, 'flowing'>
/** Where media over the web port is; `impossible` where host or browser cannot. */
export type WebProgress = 'impossible' | 'none' | 'opening' | 'shows'

/** Which path carries, and whether the web port is to be kept (or made) ready. */
export interface PathChoice {
  readonly carrier: 'peer' | 'web-port' | undefined
  readonly wantsWeb: boolean
}

/**
 * The one decision. UDP is better, but only when it shows a picture; until then, and as soon as that is in doubt, the web port
 * is made ready as well, and what shows first is used. Where the web port cannot be, an open peer connection is enough.
 */
export function choosePath(peer: PeerProgress, web: WebProgress): PathChoice {
  if (peer === 'shows') return { carrier: 'peer', wantsWeb: false }
  const stillPeer = peer === 'doubtful' ? 'peer' : undefined
  if (web === 'impossible') return { carrier: peer === 'open' ? 'peer' : stillPeer, wantsWeb: false }
  return { carrier: web === 'shows' ? 'web-port' : stillPeer, wantsWeb: true }
}
