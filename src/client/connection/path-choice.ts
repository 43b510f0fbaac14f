/** Where the peer connection is: nothing, being opened, open, or open with a picture that can be seen. */
export type PeerProgress = 'none' | 'opening' | 'open' | 'shows'
/** Where media over the web port is; `impossible` where host or browser cannot. */
export type WebProgress = 'impossible' | 'none' | 'opening' | 'shows'

/** Which path carries, and whether the web port is to be kept (or made) ready. */
export interface PathChoice {
  readonly carrier: 'peer' | 'web-port' | undefined
  readonly wantsWeb: boolean
}

/**
 * The one decision. UDP is better, but only when it shows a picture; until then, and when it no longer does, the web port
 * is used, and both are tried at once. Where the web port cannot be, an open peer connection is enough.
 */
export function choosePath(peer: PeerProgress, web: WebProgress): PathChoice {
  if (peer === 'shows') return { carrier: 'peer', wantsWeb: false }
  if (web === 'impossible') return { carrier: peer === 'open' ? 'peer' : undefined, wantsWeb: false }
  return { carrier: web === 'shows' ? 'web-port' : undefined, wantsWeb: true }
}
