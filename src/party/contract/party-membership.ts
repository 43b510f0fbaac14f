import type { NatType } from '../../domain/nat-type.ts'
import type { Readable, Unsubscribe } from '../../kernel/readable.ts'
import type { ConnectionType, Party, Peer } from './party.ts'

/** What one machine tells the others of itself; what is left out stays as it was. */
export interface OwnFacts {
  readonly name: string
  /** Its WireGuard key, in base64. */
  readonly publicKey: string
  readonly natType: NatType
  /** Where its packets come from, as STUN says; undefined where that is not known. */
  readonly publicIp: string | undefined
  readonly publicPort: number | undefined
  readonly localIp: string | undefined
  readonly localPort: number | undefined
}

/** What was measured on the way to a peer, by whoever carries traffic there. */
export interface PeerReport {
  readonly connectionType: ConnectionType
  /** Round trip; null where none was measured. */
  readonly latencyMs: number | null
  /** Why it is this way and not a better one, for people; empty where there is nothing to say. */
  readonly reason: string
}

/** What goes between two peers, by the control plane: JSON of at most 16 KiB with what it is wrapped in. */
export type SignalData = Readonly<Record<string, unknown>>

/**
 * This machine's part in its party, for whoever builds on it: the mesh, shared ports, paths. It is there as long as the host runs, in a
 * party or not; who is in it comes and goes.
 */
export interface PartyMembership {
  /** This machine's peer id: the same for as long as its data are, in every party. */
  readonly me: string
  /** The party as it is now, this machine included; undefined while it is in none. */
  readonly party: Readable<Party | undefined>
  /** This machine's address in the party's network with the prefix of it, "10.66.3.7/16"; undefined where it has none. */
  virtualAddress(): string | undefined
  /** The others who are in it now. */
  peers(): readonly Peer[]
  /** Calls at each change of who is in the party, and of what they say of themselves. */
  onChange(listener: () => void): Unsubscribe
  /**
   * Tells the others something about this machine; resolves when the control plane has it, or at once while in no party. Rejects with a
   * PartyError.
   */
  tell(facts: Partial<OwnFacts>): Promise<void>
  /**
   * Hands data to one peer, in order, at most once and possibly never: whoever needs an answer asks again. `topic` says whose it is
   * ("mesh"). Throws PartyError `not-a-member` for who is not in the party, `peer-offline` while the control plane cannot be reached.
   */
  signal(peerId: string, topic: string, data: SignalData): void
  /** What members of this party signal under a topic; what others send never comes here. */
  onSignal(topic: string, listener: (peerId: string, data: SignalData) => void): Unsubscribe
  /** What is known of the way to a peer from now on: it is shown, with the history of its latency. */
  report(peerId: string, report: PeerReport): void
}
