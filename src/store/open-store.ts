import { systemClock, type Clock } from '../kernel/clock.ts'
import type { SealKey } from '../kernel/session/auth/seal.ts'
import { converted } from './converted.ts'
import { openAppRecords, type AppRecords } from './app-records.ts'
import { openDevices, type Devices } from './devices.ts'
import { openGuests, type Guests } from './guests.ts'
import { openInvitations, type Invitations } from './invitations.ts'
import { openLedgerRecords, type LedgerLimits, type LedgerRecords } from './ledger-records.ts'
import { type KeptLedger, readKeptLedger } from './ledger-seal.ts'
import { openLobbyRecords, type LobbyRecords } from './lobby-records.ts'
import { openDatabase, type IfOlder } from './open-database.ts'
import { openOwnerToken, type OwnerToken } from './owner-token.ts'
import { openSessionTable, type SessionTable } from './session-table.ts'
import { openSettings, type Settings } from './settings.ts'
import { steadyEpoch } from './steady-epoch.ts'

/** What survives a restart. Every call has reached the disk when it returns, but for the ledger's and the sessions'; every call may throw a StoreError. */
export interface Store extends Disposable {
  readonly settings: Settings
  /** The apps that were described here. */
  readonly apps: AppRecords
  readonly ownerToken: OwnerToken
  readonly invitations: Invitations
  /** Who came by them. */
  readonly guests: Guests
  /** Members' other devices. */
  readonly devices: Devices
  /** Those that are to come back. */
  readonly lobbies: LobbyRecords
  /** What was done once and is not to be done again, and what was said. */
  ledger(limits: LedgerLimits, key: SealKey): LedgerRecords
  /** All that is kept of it, for whoever checks its seal. */
  keptLedger(): KeptLedger
  /** What became of the sessions. */
  readonly sessions: SessionTable
  /** Idempotent. */
  close(): void
}

/**
 * Opens the store in `file`, which is made when it does not exist (its directory is not), or in memory for `:memory:`.
 * Throws StoreError; a file that is not ours stays as it is, and so does, with `refuse`, one of an earlier version.
 */
export function openStore(file: string, clock: Clock = systemClock, ifOlder: IfOlder = 'migrate'): Store {
  const database = openDatabase(file, ifOlder)
  const now = steadyEpoch(clock)
  const close = () => {
    if (database.isOpen) database.close()
  }
  return {
    settings: openSettings(database),
    apps: openAppRecords(database, clock),
    ownerToken: openOwnerToken(database, clock),
    invitations: openInvitations(database, now),
    guests: openGuests(database, now),
    devices: openDevices(database, now),
    lobbies: openLobbyRecords(database),
    ledger: (limits, key) => openLedgerRecords(database, now, limits, key),
    keptLedger: () => converted('Cannot read the ledger', () => readKeptLedger(database)),
    sessions: openSessionTable(database),
    close,
    [Symbol.dispose]: close,
  }
}
