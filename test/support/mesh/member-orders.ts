import type { WireAddress } from '../../../src/wire/address-bytes.ts'
import type { PeerSignal } from '../../../src/wire/party/peer-signal.ts'
import type { PartyMember } from '../../../src/party/connection/peer-connections.ts'

/** What a machine of a party is started with. */
export interface MemberStart {
  readonly id: string
  readonly virtualIp: string
  /** In base64. */
  readonly secret: string
  /** Its data directory. */
  readonly home: string
  /** A relay, with its STUN server. */
  readonly server: WireAddress
  /** The control plane, whose tunnel is the last way, and what lets it in there. */
  readonly plane: { readonly url: string; readonly token: string }
  /** The relay's key, of whoever lends it; PEM. */
  readonly relayIssuer?: string
  readonly gamePorts: string
  readonly gamePort: number
  readonly copyBytes: number
  readonly probesByBirthday: boolean
}

type Numbered<Order> = Order & { readonly number: number }

/** What it is told. */
export type MemberOrder =
  | { readonly type: 'peers'; readonly others: readonly PartyMember[] }
  | { readonly type: 'signal'; readonly peer: string; readonly data: PeerSignal }
  | Numbered<MemberAsk>

/** What it is asked, and answers. */
export type MemberAsk =
  | { readonly type: 'status' | 'close' }
  | { readonly type: 'ping' | 'copy'; readonly to: string }
  | { readonly type: 'broadcast'; readonly text: string; readonly to: string; readonly times?: number }

/** What it says. */
export type MemberAnswer =
  | { readonly type: 'ready' }
  | { readonly type: 'signal'; readonly peer: string; readonly data: PeerSignal }
  | { readonly type: 'heard'; readonly text: string; readonly from: string }
  | { readonly type: 'done'; readonly number: number; readonly result: unknown }
  | { readonly type: 'failed'; readonly number: number; readonly why: string }
