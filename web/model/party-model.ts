import { signal } from '@preact/signals'
import { ApiError, messageOf, type ApiClient } from '../../src/client/index.ts'
import {
  PartyApi,
  portId,
  withPartyChange,
  type OpenPort,
  type PartyInvitation,
  type PartyNetworkView,
  type PartyPermission,
  type PartyView,
  type PartyVisit,
  type SharePort,
} from '../../src/client/party.ts'

/** The party that the host is in, for its owner. */
export class PartyModel {
  /** Undefined until it was asked for. */
  readonly view = signal<PartyView | undefined>(undefined)
  /** How the members are reached, the virtual LAN, and shared ports; undefined until it was asked for. */
  readonly network = signal<PartyNetworkView | undefined>(undefined)
  /** What others come in by; undefined until it was asked for. */
  readonly invitation = signal<PartyInvitation | undefined>(undefined)
  /** Why a port could not be shared or opened, for people. */
  readonly portRefusal = signal<string | undefined>(undefined)
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

  /** Asks for what others come in by: it holds a secret, and so is in nothing that is told unasked. */
  async invite(): Promise<void> {
    this.invitation.value = undefined
    try {
      this.invitation.value = await this.#api.invitation()
    } catch {
      // The page says elsewhere when the host cannot be asked, and the party may be over.
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

  /** As somebody asks for it, wherever the owner is on the page. */
  async letPlay(peerId: string): Promise<void> {
    try {
      this.view.value = await this.#api.changeRights({ peerId, may: 'play' })
    } catch (error) {
      this.#onError(error)
    }
  }

  share(wanted: SharePort): Promise<boolean> {
    return this.#tryPort(() => this.#api.share(wanted))
  }

  unshare(port: { readonly protocol: string; readonly port: number }): Promise<boolean> {
    return this.#tryPort(() => this.#api.unshare(portId(port)))
  }

  openPort(wanted: OpenPort): Promise<boolean> {
    return this.#tryPort(() => this.#api.openPort(wanted))
  }

  closePort({ protocol, localPort }: { readonly protocol: string; readonly localPort: number }): Promise<boolean> {
    return this.#tryPort(() => this.#api.closePort(portId({ protocol, port: localPort })))
  }

  removePeer(peerId: string): Promise<boolean> {
    return this.#try(async () => {
      await this.#api.removePeer(peerId)
      return this.#api.read()
    })
  }

  /** A way into a member's lobby; undefined where that was refused, and told. */
  visit(peerId: string, lobbyId: string): Promise<PartyVisit | undefined> {
    return this.#wayBy(() => this.#api.visit(peerId, lobbyId))
  }

  /** What shows how lobbies of a member look. */
  picturesOf(peerId: string): Pick<ApiClient, 'thumbnail'> {
    return { thumbnail: (lobbyId, tag) => this.#api.thumbnail(peerId, lobbyId, tag) }
  }

  /** Starts an app there; the way into its lobby as {@link visit}. */
  start(peerId: string, appId: string): Promise<PartyVisit | undefined> {
    return this.#wayBy(() => this.#api.start(peerId, appId))
  }

  async #wayBy(ask: () => Promise<PartyVisit>): Promise<PartyVisit | undefined> {
    try {
      return await ask()
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

  async #tryPort(deed: () => Promise<PartyNetworkView>): Promise<boolean> {
    this.portRefusal.value = undefined
    try {
      this.network.value = await deed()
      return true
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.#onError(error)
      else this.portRefusal.value = messageOf(error)
      return false
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
