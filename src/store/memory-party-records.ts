import type { PartyRecords } from './party-records.ts'
import { PartyState } from './party-state.ts'
import { StoreError } from './store-error.ts'

/** A registry of parties that is gone with its process: for a control plane that keeps nothing. */
export function openMemoryPartyRecords(): PartyRecords {
  const state = new PartyState()
  let isClosed = false
  const whileOpen = async <T>(call: () => T): Promise<T> => {
    if (isClosed) throw new StoreError('closed', 'The registry of parties is closed')
    return call()
  }
  return {
    load: () => whileOpen(() => state.snapshot()),
    commit: (changes) =>
      whileOpen(() => {
        for (const change of changes) state.apply(change)
      }),
    observe({ partyId, peerId, seenMs }) {
      const peer = state.parties.get(partyId)?.peers.get(peerId)
      if (peer) state.apply({ type: 'peer', peer: { ...peer, seenMs } })
    },
    flush: async () => {},
    close: async () => void (isClosed = true),
  }
}
