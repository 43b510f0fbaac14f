import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Readable } from '../kernel/readable.ts'
import type { GrantAppAccess } from './contract/app-access.ts'
import type { App } from './apps/definition/app.ts'
import type { Ledger } from './contract/ledger.ts'
import type { KeyboardLayout } from '../domain/keyboard-layout.ts'
import type { HostParts } from './contract/host-parts.ts'
import type { LobbyArchive } from './contract/lobby-archive.ts'

export interface HostOptions {
  readonly parts: HostParts
  /** What can run here, best first; see `listApps`. It may change: an app is the same one as long as its object is. */
  readonly apps: Readable<readonly App[]>
  /** Absolute, private, exists. Each lobby has a directory in it while it runs. */
  readonly runDirectory: string
  /** Absolute, private, exists. Holds the homes of the apps. */
  readonly dataDirectory: string
  /** The host's own environment, of which apps are handed a few variables; `process.env`. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where lobbies are written down that come back after a restart; when left out, none does. */
  readonly lobbies?: LobbyArchive
  /** Where it is written down what was said and done; when left out, it is known for as long as the host is open. */
  readonly ledger?: Ledger
  /** Lets apps speak to the host about their own lobby; when left out, none can. */
  readonly grantAppAccess?: GrantAppAccess
  /** Keyboard layout of new displays; `us` when left out. */
  readonly layout?: KeyboardLayout
  readonly clock: Clock
  readonly log: Log
  /** Uniform in [0, 1), for jitter; `Math.random` when left out. */
  readonly random?: () => number
  /** Makes unguessable ids, good for file names; `randomId` when left out. */
  readonly newId?: () => string
  readonly limits?: Partial<HostLimits>
}

export interface HostLimits {
  /** Lobbies that exist at once, those that are just ending among them; 16 when left out. It may be another one later. */
  readonly lobbies: number
  /** Sessions at once, one in sixteen of them kept for the owner; 128 when left out. */
  readonly sessions: number
  /** A session without activity for longer is ended; 60,000 when left out (seed 001). */
  readonly idleMs: number
  /** How often idle sessions are looked for; 10,000 when left out (seed 001). */
  readonly idleCheckMs: number
  /**
   * How long a lobby that stops when everyone leaves waits for its last session when that one did not leave but lost
   * its connection; 10,000 when left out. Zero ends it at once.
   */
  readonly lostViewerGraceMs: number
  /**
   * How long a lobby that stops when everyone leaves waits for somebody to come when it has come back after a restart, or
   * was made such a one while it was empty; 300,000 when left out.
   */
  readonly emptyLobbyGraceMs: number
}

export const defaultLimits: HostLimits = {
  lobbies: 16,
  sessions: 128,
  idleMs: 60_000,
  idleCheckMs: 10_000,
  lostViewerGraceMs: 10_000,
  emptyLobbyGraceMs: 300_000,
}
