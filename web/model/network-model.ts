import { signal } from '@preact/signals'
import { ApiError, type ApiClient, type NetworkView } from '../../src/client/index.ts'

/** Whether the network that the host is on is let in, for its owner. */
export class NetworkModel {
  /** Undefined until it was asked for. */
  readonly view = signal<NetworkView | undefined>(undefined)
  readonly busy = signal(false)
  /** Why it could not be changed, for people. */
  readonly refusal = signal<string | undefined>(undefined)
  readonly #api: ApiClient
  readonly #onChange: () => Promise<void>
  readonly #onError: (error: unknown) => void

  /** `onChange`: the host has other addresses now. */
  constructor(options: { api: ApiClient; onChange: () => Promise<void>; onError: (error: unknown) => void }) {
    this.#api = options.api
    this.#onChange = options.onChange
    this.#onError = options.onError
  }

  /** Asks how it is now. */
  async load(): Promise<void> {
    try {
      this.view.value = await this.#api.network()
    } catch (error) {
      this.#onError(error)
    }
  }

  async change(wanted: { open: boolean; remember?: boolean }): Promise<void> {
    this.busy.value = true
    this.refusal.value = undefined
    try {
      this.view.value = await this.#api.changeNetwork(wanted)
      await this.#onChange()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.refusal.value = error.message
    } finally {
      this.busy.value = false
    }
  }
}

/** Whether an address of the page means another machine elsewhere. */
export function isOnlyHere(hostname: string): boolean {
  return /^(localhost|127\.|\[::1\])/.test(hostname)
}
