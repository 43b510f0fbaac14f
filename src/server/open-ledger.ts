import * as v from 'valibot'
import { rememberedOutboxes, rememberedRefusals, rememberedTexts, type Ledger } from '../host/contract/ledger.ts'
import type { SealKey } from '../kernel/session/auth/seal.ts'
import type { Store } from '../store/open-store.ts'
import { role as knownRole } from '../wire/signal/role.ts'

/** After so long nobody brings again what was brought before. */
const forgetOutboxesMs = 30 * 24 * 3600_000

/** The store's ledger as the host keeps it, sealed with `sealKey`; what is too old is forgotten first. */
export function openLedger(store: Pick<Store, 'ledger'>, sealKey: SealKey): Ledger {
  const limits = { refusals: rememberedRefusals, outboxes: rememberedOutboxes, texts: rememberedTexts }
  const records = store.ledger(limits, sealKey)
  records.forgetOld(forgetOutboxesMs)
  return {
    handled: async (key) => records.handled(key),
    done: async (key, sequence, refusal) => records.done(key, sequence, refusal),
    said: async (key, sequence, text) => records.said(key, sequence, text),
    forgetTexts: async (lobbyId) => records.forgetTexts(lobbyId),
    texts: async (lobbyId, count) =>
      records.texts(lobbyId, count).flatMap(({ role, ...text }) => (v.is(knownRole, role) ? [{ ...text, role }] : [])),
  }
}
