import type { HostInfo } from '../wire/api/resources.ts'

/** Something that is not installed or does not work here, what follows from that, and how to change it. */
export type MissingPart = HostInfo['missing'][number]

export interface LobbyFacts {
  readonly title: string
  readonly width: number
  readonly height: number
  readonly fps: number
  /** How its picture is encoded for most viewers, for people: `H.264` by `x264`. */
  readonly encoding: { readonly codec: string; readonly encoder: string } | undefined
}

/** What is known of a server once everything has been tried. */
export interface ServerFacts {
  /** Those that came back, else the first one; none when none was wanted or none could be opened. */
  readonly lobbies: readonly LobbyFacts[]
  readonly missing: readonly MissingPart[]
  /** Who apps are where that is neither root nor the one who started the server, for people. */
  readonly appUsers: string | undefined
}
