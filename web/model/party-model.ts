import { signal } from '@preact/signals'
import { ApiError, messageOf, type ApiClient } from '../../src/client/index.ts'
import {
  PartyApi,
  withPartyChange,
  type PartyNetworkView,
  type PartyPermission,
  type PartyView,
} from '../../src/client/party.ts'

/** The party that the host is in, for its owner. */
export class PartyModel {
  /** Undefined until it was asked for. */
  readonly view = signal<PartyView | undefined>(undefined)
  /** How the members are reached, the virtual LAN, and shared ports; undefined until it was asked for. */
  readonly network = signal<PartyNetworkView | undefined>(undefined)
  readonly busy = signal(false)
  /** Why it could not be done, for people. */
  readonly refusal = signal<string | undefined>(undefined)
  readonly #api: PartyApi
  readonly #onError: (error: unknown) => void
  #followers = 0
  /** What came while an answer was on its way, which may be older than it. */
  #meanwhile: unknown[] | undefined

  constructor(options: { api: ApiClient; onError: (error: unknown) => void }) {
    this.#api = new PartyApi(options.api)
    this.#onError = options.onError
  }

  /** Keeps it up to date for whoever shows it; call what is returned at the end. */
  follow(): () => void {
    this.#followers++
    void this.#look()
    return () => void this.#followers--
  }

  /** What an event tells. */
  receive(change: unknown): void {
    this.#meanwhile?.push(change)
    this.#apply(change)
  }

  /** Events come again: what happened in between was not told. */
  heardAgain(): void {
    if (this.#followers > 0) void this.#look()
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

  /** As somebody asks for it, wherever the owner is on the page. */
  async letPlay(peerId: string): Promise<void> {
    try {
      this.view.value = await this.#api.changeRights({ peerId, may: 'play' })
    } catch (error) {
      this.#onError(error)
    }
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
    const own: unknown[] = (this.#meanwhile = [])
    try {
      const view = await this.#api.read()
      const network = view.party ? await this.#api.network() : undefined
      if (this.#meanwhile !== own) return
      this.view.value = view
      this.network.value = network
      for (const change of own) this.#apply(change)
    } catch {
      // The page says elsewhere when the host cannot be asked.
    } finally {
      if (this.#meanwhile === own) this.#meanwhile = undefined
    }
  }

  #apply(change: unknown): void {
    const { value: view } = this.view
    if (!view) return
    const now = withPartyChange({ view, network: this.network.value }, change)
    this.view.value = now.view
    this.network.value = now.network
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
