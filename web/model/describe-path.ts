import type { PathReason } from '../../src/client/index.ts'

const pathNames: Readonly<Record<string, string>> = {
  direct: 'direct',
  relayed: 'relayed',
  'web-port': 'web port',
  native: 'native',
}

/** What a path is called. */
export function describePath(path: string): string {
  return pathNames[path] ?? path
}

const reasons: Readonly<Record<PathReason, string>> = {
  first: 'it had a picture first',
  'udp-works': 'UDP gets through',
  'no-webrtc': 'this browser has no WebRTC',
  only: 'it was opened by porchlight view, which comes this way',
  'udp-failed': 'UDP does not get through; it is tried again',
}

/** Why it is this one, for people. */
export function describeReason(why: PathReason): string {
  return reasons[why]
}
