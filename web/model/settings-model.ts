import { signal } from '@preact/signals'
import { ApiError, type ApiClient, type SettingValue, type SettingView } from '../../src/client/index.ts'

/** How the host runs, for its owner; what others change is there as it happens. */
export class SettingsModel {
  /** Empty until they were asked for. */
  readonly all = signal<readonly SettingView[]>([])
  /** Why one could not be changed, for people. */
  readonly refusal = signal<{ readonly name: string; readonly why: string } | undefined>(undefined)
  readonly #api: ApiClient
  readonly #onError: (error: unknown) => void

  constructor(options: { api: ApiClient; onError: (error: unknown) => void }) {
    this.#api = options.api
    this.#onError = options.onError
  }

  async load(): Promise<void> {
    try {
      this.all.value = await this.#api.settings()
    } catch (error) {
      this.#onError(error)
    }
  }

  /** One of them is different from now on. */
  receive(setting: SettingView): void {
    this.all.value = this.all.value.map((each) => (each.name === setting.name ? setting : each))
  }

  /** Keeps a value; null is what is usual again. */
  async change(name: string, value: SettingValue | null): Promise<void> {
    this.refusal.value = undefined
    try {
      for (const setting of await this.#api.changeSettings({ [name]: value })) this.receive(setting)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.refusal.value = { name, why: error.message }
    }
  }
}
