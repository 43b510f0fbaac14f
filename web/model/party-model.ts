import { signal } from '@preact/signals'
import { ApiError, messageOf, type ApiClient } from '../../src/client/index.ts'
import { PartyApi, type PartyPermission, type PartyView } from '../../src/client/party.ts'

/** Who looks at the party sees what is different within this time. */
const lookEveryMs = 2000

/** The party that the host is in, for its owner. */
export class PartyModel {
  /** Undefined until it was asked for. */
  readonly view = signal<PartyView | undefined>(undefined)
  readonly busy = signal(false)
  /** Why it could not be done, for people. */
  readonly refusal = signal<string | undefined>(undefined)
  readonly #api: PartyApi
  readonly #onError: (error: unknown) => void
  #followers = 0
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(options: { api: ApiClient; onError: (error: unknown) => void }) {
    this.#api = new PartyApi(options.api)
    this.#onError = options.onError
  }

  /** Keeps it up to date for whoever shows it; call what is returned at the end. */
  follow(): () => void {
    this.#followers++
    this.#timer ??= setInterval(() => void this.#look(), lookEveryMs)
    void this.#look()
    return () => {
      if (--this.#followers > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  create(name: string): Promise<boolean> {
    return this.#try(() => this.#api.create({ name }))
  }

  /** By a code or a link. */
  join(by: string): Promise<boolean> {
    return this.#try(() => this.#api.join({ by }))
  }

  leave(): Promise<boolean> {
    return this.#try(() => this.#api.leave())
  }

  end(): Promise<boolean> {
    return this.#try(() => this.#api.end())
  }

  /** What members may do here: all, by null, or one; null takes the one's own choice away. */
  allow(peerId: string | null, may: PartyPermission | null): Promise<boolean> {
    return this.#try(() => this.#api.changeRights({ peerId, may }))
  }

  removePeer(peerId: string): Promise<boolean> {
    return this.#try(async () => {
      await this.#api.removePeer(peerId)
      return this.#api.read()
    })
  }

  /** The address of a member's lobby, to be opened; undefined where that was refused, and told. */
  async visit(peerId: string, lobbyId: string): Promise<string | undefined> {
    return this.#addressOf(() => this.#api.visit(peerId, lobbyId))
  }

  /** Starts an app there; the address of its lobby as {@link visit}. */
  async start(peerId: string, appId: string): Promise<string | undefined> {
    return this.#addressOf(() => this.#api.start(peerId, appId))
  }

  async #addressOf(ask: () => Promise<{ readonly url: string }>): Promise<string | undefined> {
    try {
      return (await ask()).url
    } catch (error) {
      this.#onError(error)
      return undefined
    }
  }

  async #look(): Promise<void> {
    try {
      this.view.value = await this.#api.read()
    } catch {
      // The page says elsewhere when the host cannot be asked.
    }
  }

  async #try(deed: () => Promise<PartyView>): Promise<boolean> {
    this.busy.value = true
    this.refusal.value = undefined
    try {
      this.view.value = await deed()
      return true
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.#onError(error)
      else this.refusal.value = messageOf(error)
      return false
    } finally {
      this.busy.value = false
    }
  }
}
