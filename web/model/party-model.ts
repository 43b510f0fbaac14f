import { signal } from '@preact/signals'
import { ApiError, messageOf, type ApiClient, type PartyPermission, type PartyView } from '../../src/client/index.ts'

/** Who looks at the party sees what is different within this time. */
const lookEveryMs = 2000

/** The party that the host is in, for its owner. */
export class PartyModel {
  /** Undefined until it was asked for. */
  readonly view = signal<PartyView | undefined>(undefined)
  readonly busy = signal(false)
  /** Why it could not be done, for people. */
  readonly refusal = signal<string | undefined>(undefined)
  readonly #api: ApiClient
  readonly #onError: (error: unknown) => void
  #followers = 0
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(options: { api: ApiClient; onError: (error: unknown) => void }) {
    this.#api = options.api
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
    return this.#try(() => this.#api.party.create({ name }))
  }

  /** By a code or a link. */
  join(by: string): Promise<boolean> {
    return this.#try(() => this.#api.party.join({ by }))
  }

  leave(): Promise<boolean> {
    return this.#try(() => this.#api.party.leave())
  }

  end(): Promise<boolean> {
    return this.#try(() => this.#api.party.end())
  }

  /** What members may do here: all, by null, or one; null takes the one's own choice away. */
  allow(peerId: string | null, may: PartyPermission | null): Promise<boolean> {
    return this.#try(() => this.#api.party.changeRights({ peerId, may }))
  }

  removePeer(peerId: string): Promise<boolean> {
    return this.#try(async () => {
      await this.#api.party.removePeer(peerId)
      return this.#api.party.read()
    })
  }

  /** The address of a member's lobby, to be opened; undefined where that was refused, and told. */
  async visit(peerId: string, lobbyId: string): Promise<string | undefined> {
    return this.#addressOf(() => this.#api.party.visit(peerId, lobbyId))
  }

  /** Starts an app there; the address of its lobby as {@link visit}. */
  async start(peerId: string, appId: string): Promise<string | undefined> {
    return this.#addressOf(() => this.#api.party.start(peerId, appId))
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
      this.view.value = await this.#api.party.read()
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
