import type { Unsubscribe } from '../../kernel/readable.ts'

/** What a control plane passes on between the members of a party. */
export interface PeerSignals {
  /** Puts it on its way, whatever becomes of it. */
  send(peerId: string, data: Readonly<Record<string, unknown>>): void
  listen(listener: (fromPeerId: string, data: Readonly<Record<string, unknown>>) => void): Unsubscribe
}
