import { handshakes, idle, pipelined, slow } from './connection-floods.ts'
import type { Flood } from './flood-target.ts'
import { signalling, stun, texts } from './message-floods.ts'
import { dataChannels, pointer, rtcp } from './peer-floods.ts'

/** What a server can be flooded with, from whoever can reach it to whoever may play. */
export const floodKinds = {
  pipelined,
  slow,
  idle,
  handshakes,
  stun,
  signalling,
  rtcp,
  'data-channels': dataChannels,
  pointer,
  texts,
} as const satisfies Readonly<Record<string, Flood>>

export type FloodKind = keyof typeof floodKinds
