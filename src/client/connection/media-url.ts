import { webMediaPath } from '../../wire/web-media/subprotocol.ts'

/** Where the media socket is: beside signalling, without anything that the signalling URL carries. */
export function mediaUrl(signallingUrl: string): string {
  const url = new URL(webMediaPath, signallingUrl)
  url.search = ''
  url.hash = ''
  return url.href
}
