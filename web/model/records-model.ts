import { signal } from '@preact/signals'
import type { ApiClient, RecordQuery, SessionRecordView } from '../../src/client/index.ts'

export type RecordFilter = Pick<RecordQuery, 'cause' | 'lobby'>

/** What became of the sessions, page after page, as far as it was asked for. */
export class RecordsModel {
  readonly filter = signal<RecordFilter>({})
  /** Undefined until the first page came. */
  readonly records = signal<readonly SessionRecordView[] | undefined>(undefined)
  readonly hasMore = signal(false)
  readonly isLoading = signal(false)
  readonly #api: ApiClient
  readonly #onError: (error: unknown) => void
  #next: string | undefined
  /** Only the latest question counts. */
  #question = 0

  constructor(options: { api: ApiClient; onError: (error: unknown) => void }) {
    this.#api = options.api
    this.#onError = options.onError
  }

  /** Asks for the newest ones again. */
  refresh(): void {
    void this.#ask(undefined)
  }

  narrow(filter: RecordFilter): void {
    this.filter.value = filter
    this.refresh()
  }

  more(): void {
    if (this.#next !== undefined) void this.#ask(this.#next)
  }

  async #ask(cursor: string | undefined): Promise<void> {
    const question = ++this.#question
    this.isLoading.value = true
    try {
      const { records, next } = await this.#api.records({
        ...this.filter.value,
        ...(cursor && { cursor }),
        limit: '25',
      })
      if (question !== this.#question) return
      this.records.value = cursor === undefined ? records : [...(this.records.value ?? []), ...records]
      this.#next = next ?? undefined
      this.hasMore.value = next !== null
    } catch (error) {
      if (question === this.#question) this.#onError(error)
    } finally {
      if (question === this.#question) this.isLoading.value = false
    }
  }
}
