import type { NatType } from '../../domain/nat-type.ts'
import type { Pipe } from '../../kernel/pipe.ts'
import type { Readable, Unsubscribe } from '../../kernel/readable.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import type { MemberWord } from '../../wire/party/members.ts'
import type { ConnectionType, Party, Peer } from './party.ts'

/** What one machine tells the others of itself; what is left out stays as it was. */
export interface OwnFacts {
  readonly name: string
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

/** What goes between two peers, by the control plane: JSON of at most 16 KiB. */
export type SignalData = Readonly<Record<string, unknown>>

/**
 * What is done with the words of members; when one was met: from then on all is said anew that the other end has to know; and when one is not
 * met because of the party's code, or is no more.
 */
export type MemberListener = {
  readonly [Label in MemberWord['type']]?: (peerId: string, word: Extract<MemberWord, { readonly type: Label }>) => void
} & { readonly met?: (peerId: string) => void; readonly doubted?: (peerId: string) => void }

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
   * Says something to one member, sealed for it and nobody else, in order. It is lost with the connection of either to the control plane;
   * then both meet again. Throws PartyError `not-a-member`, `peer-offline` while the two have not met, `too-many-requests` where it may not
   * be said now, and WireError `too-long`.
   */
  say(peerId: string, word: MemberWord): void
  /** Whether such a word may be said to that member now. */
  may(peerId: string, label: MemberWord['type']): boolean
  /** Meets a member anew that does not answer. */
  renew(peerId: string): void
  /** What members of this party say, each of which has proved to be who it is by the key that the party knows of it. */
  listen(listener: MemberListener): Unsubscribe
  /**
   * A WebSocket of the control plane that is used now, for the tunnel between members who have no other way to each other, with the token by which this
   * machine enters it. Rejects with a PartyError.
   */
  openTunnel(): Promise<{ readonly pipe: Pipe; readonly token: string; readonly where: string }>
  /** Where the relays are that the control plane which is used now knows to be well, the best first. Rejects with a PartyError. */
  relays(): Promise<readonly WireAddress[]>
  /** What is known of the way to a peer from now on: it is shown, with the history of its latency. */
  report(peerId: string, report: PeerReport): void
}
