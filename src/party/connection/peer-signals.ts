import type { Unsubscribe } from '../../kernel/readable.ts'
import type { PeerSignal } from '../../wire/party/peer-signal.ts'

/** What the members of a party tell each other about paths. */
export interface PeerSignals {
  /** Puts it on its way, whatever becomes of it. */
  send(peerId: string, signal: PeerSignal): void
  listen(listener: (fromPeerId: string, signal: PeerSignal) => void): Unsubscribe
}
