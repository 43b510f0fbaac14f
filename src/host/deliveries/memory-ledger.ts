import type { LobbyText } from '../../domain/delivery.ts'
import {
  rememberedOutboxes,
  rememberedRefusals,
  rememberedTexts,
  type Handled,
  type Ledger,
  type OutboxKey,
} from '../contract/ledger.ts'

const nothing: Handled = { through: 0, refused: [] }

/** A ledger in memory: good for as long as the process lives. */
export class MemoryLedger implements Ledger {
  /** By member; the outbox that was used last stands last. */
  readonly #outboxes = new Map<string, Map<string, Handled>>()
  readonly #texts = new Map<string, LobbyText[]>()
  #lastId = 0

  async handled(key: OutboxKey): Promise<Handled> {
    return this.#handled(key)
  }

  async done(key: OutboxKey, sequence: number, refusal?: Handled['refused'][number]): Promise<void> {
    this.#done(key, sequence, refusal)
  }

  #handled({ memberId, outbox }: OutboxKey): Handled {
    return this.#outboxes.get(memberId)?.get(outbox) ?? nothing
  }

  #done(key: OutboxKey, sequence: number, refusal?: Handled['refused'][number]): void {
    const { memberId, outbox } = key
    const { refused } = this.#handled(key)
    const own = this.#outboxes.get(memberId) ?? new Map<string, Handled>()
    this.#outboxes.set(memberId, own)
    own.delete(outbox)
    own.set(outbox, {
      through: sequence,
      refused: refusal ? [...refused, refusal].slice(-rememberedRefusals) : refused,
    })
    const [oldest] = own.keys()
    if (own.size > rememberedOutboxes && oldest !== undefined) own.delete(oldest)
  }

  async said(
    key: OutboxKey,
    sequence: number,
    { lobbyId, ...text }: Omit<LobbyText, 'id'> & { readonly lobbyId: string },
  ): Promise<number> {
    this.#done(key, sequence)
    const id = ++this.#lastId
    this.#texts.set(lobbyId, [...(this.#texts.get(lobbyId) ?? []), { id, ...text }].slice(-rememberedTexts))
    return id
  }

  async texts(lobbyId: string, count: number): Promise<readonly LobbyText[]> {
    return (this.#texts.get(lobbyId) ?? []).slice(-count)
  }

  async forgetTexts(lobbyId: string): Promise<void> {
    this.#texts.delete(lobbyId)
  }
}
