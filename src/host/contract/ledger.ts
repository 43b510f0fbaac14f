import type { LobbyText, Refusal } from '../../domain/delivery.ts'

/** An outbox: its id is its member's choice, so that it means nothing without the member. */
export interface OutboxKey {
  readonly memberId: string
  readonly outbox: string
}

/** How far an outbox is done: 0 for one that is not known. */
export interface Handled {
  readonly through: number
  /** The latest refusals, oldest first. */
  readonly refused: readonly Refusal[]
}

/** As many refusals of an outbox are remembered: more than one message brings. */
export const rememberedRefusals = 32
/** As many texts of a lobby are remembered. */
export const rememberedTexts = 1000
/** As many outboxes of one member; the one that was used longest ago gives way. */
export const rememberedOutboxes = 1024

/**
 * Where it is written down what is done and what was said, so that neither happens twice or is lost. What it was told is
 * safe from a crash when the call resolves. Every call may reject.
 */
export interface Ledger {
  handled(key: OutboxKey): Promise<Handled>
  /** A delivery is done, or refused. */
  done(key: OutboxKey, sequence: number, refusal?: Refusal): Promise<void>
  /** A delivery is done by saying this; both are written down in one go. Resolves to the id of the text. */
  said(key: OutboxKey, sequence: number, text: Omit<LobbyText, 'id'> & { readonly lobbyId: string }): Promise<number>
  /** The last texts of a lobby, oldest first. */
  texts(lobbyId: string, count: number): Promise<readonly LobbyText[]>
  /** Harmless for a lobby in which nothing was said. */
  forgetTexts(lobbyId: string): Promise<void>
}
