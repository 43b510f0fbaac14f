import { computed, signal, type Signal } from '@preact/signals'
import {
  ApiError,
  openEventFeed,
  type ApiClient,
  type ApiEvent,
  type AppView,
  type ChangeLobby,
  type CreateLobby,
  type EndedLobbyView,
  type EventFeed,
  type FeedState,
  type HostInfo,
  type KeyboardLayoutView,
  type LobbyView,
  type Me,
  type SendSession,
  type SessionView,
} from '../../src/client/index.ts'
import { peerIdOf } from '../../src/client/party.ts'
import { isOnlyHere, NetworkModel } from './network-model.ts'
import { PartyModel } from './party-model.ts'
import { SecurePage } from './secure-page.ts'
import { SettingsModel } from './settings-model.ts'

/** What runs on the host, as far as this member may see it, kept up to date by events. */
export class HostModel {
  readonly api: ApiClient
  readonly secure: SecurePage
  readonly #me: Signal<Me>
  readonly feed = signal<FeedState>({ status: 'connecting' })
  /** False until everything has been asked for once. */
  readonly loaded = signal(false)
  readonly apps = signal<readonly AppView[]>([])
  /** What ended lately, newest first; nothing for guests. */
  readonly ended = signal<readonly EndedLobbyView[]>([])
  readonly info = signal<HostInfo | undefined>(undefined)
  /** The keyboard layouts that lobbies can have; for owners only. */
  readonly layouts = signal<readonly KeyboardLayoutView[]>([])
  readonly #sessions = signal<ReadonlyMap<string, SessionView>>(new Map())
  /** Who is on the host now, newest first; for owners only. */
  readonly sessions = computed(() => newestFirst(this.#sessions.value.values()))
  readonly #lobbies = signal<ReadonlyMap<string, LobbyView>>(new Map())
  /** Newest first. */
  readonly lobbies = computed(() => newestFirst(this.#lobbies.value.values()))
  /** Who may only watch and asks to play, in the lobbies one may decide about, those who asked first in each lobby. */
  readonly askers = computed(() =>
    this.isOwner ? this.lobbies.value.flatMap((lobby) => lobby.askers.map((asker) => ({ lobby, asker }))) : [],
  )
  readonly network: NetworkModel
  readonly party: PartyModel
  /** How the host runs; for owners only. */
  readonly settings: SettingsModel
  /** Addresses of the page that mean this host on other machines as well; for owners only. */
  readonly outerLinks = computed(() =>
    (this.info.value?.links ?? []).filter((link) => !isOnlyHere(new URL(link).hostname)),
  )
  /** Which of them links are made with, if somebody has said so. */
  readonly wantedLink = signal<string | undefined>(undefined)
  /** Where links lead: to this page, or, where its own address means another machine elsewhere, to one that does not. */
  readonly chosenLink = computed(() => {
    const own = `${location.origin}${location.pathname}`
    const outer = this.outerLinks.value
    if (!isOnlyHere(location.hostname)) return own
    return outer.find((link) => link === this.wantedLink.value) ?? outer[0] ?? own
  })
  /** The link for `porchlight view` with this behind its `#`, for the same host as {@link chosenLink} where that is one of them. */
  nativeLink(fragment: string | undefined): string | undefined {
    const links = this.info.value?.nativeLinks ?? []
    const { hostname } = new URL(this.chosenLink.value)
    const link = links.find((each) => each.startsWith(`porchlight://${hostname}:`)) ?? links[0]
    return fragment === undefined || link === undefined ? undefined : `${link}#${fragment}`
  }

  readonly #feed: EventFeed
  readonly #onError: (error: unknown) => void
  /** Events that came while an answer was on its way, which may be older than they are. */
  #meanwhile: ApiEvent[] | undefined

  constructor(options: { api: ApiClient; token: string; me: Me; onError: (error: unknown) => void }) {
    this.api = options.api
    this.secure = new SecurePage(options)
    this.network = new NetworkModel({ ...options, onChange: () => this.#askForHost() })
    this.settings = new SettingsModel(options)
    this.party = new PartyModel(options)
    this.#me = signal(options.me)
    this.#onError = options.onError
    this.#feed = openEventFeed({
      api: options.api,
      onEvent: (event) => this.#receive(event),
      onReset: () => this.#load(),
    })
    this.#feed.state.subscribe((state) => {
      this.feed.value = state
      if (state.status === 'open') this.party.heardAgain()
    })
  }

  /** As one is now: the owner may change what one may do. */
  get me(): Me {
    return this.#me.value
  }

  changeRole(role: Me['role']): void {
    this.#me.value = { ...this.#me.value, role }
  }

  get isOwner(): boolean {
    return this.me.role === 'owner'
  }

  lobby(lobbyId: string): LobbyView | undefined {
    return this.#lobbies.value.get(lobbyId)
  }

  /** Undefined for guests, who are not told of apps. */
  appTitle(appId: string): string | undefined {
    return this.apps.value.find(({ id }) => id === appId)?.title
  }

  /** The new lobby, or undefined when it could not be made and that was told. */
  async createLobby(wanted: CreateLobby): Promise<LobbyView | undefined> {
    try {
      const lobby = await this.api.createLobby(wanted)
      this.#receive({ type: 'lobby', lobby })
      return lobby
    } catch (error) {
      this.#onError(error)
      return undefined
    }
  }

  async changeLobby(lobbyId: string, change: ChangeLobby): Promise<void> {
    try {
      this.#receive({ type: 'lobby', lobby: await this.api.changeLobby(lobbyId, change) })
    } catch (error) {
      this.#onError(error)
    }
  }

  async stopLobby(lobbyId: string): Promise<void> {
    try {
      await this.api.stopLobby(lobbyId)
      this.#receive({ type: 'lobby-ended', lobbyId, reason: 'stopped' })
    } catch (error) {
      this.#onError(error)
    }
  }

  /** Who may only watch may play from now on: a guest in their lobbies, a member of the party in all that are here. */
  async letPlay(memberId: string): Promise<void> {
    const peerId = peerIdOf(memberId)
    if (peerId !== undefined) return this.party.letPlay(peerId)
    await this.#try(() => this.api.changeMember(memberId, { role: 'player' }))
  }

  /** A guest who asks to play is told that it is not the time. */
  async declineAsker(lobbyId: string, memberId: string): Promise<void> {
    await this.#try(() => this.api.declineAsker(lobbyId, memberId))
  }

  /** Puts a session elsewhere: `refused` says why the lobby has to be opened to its member first; undefined for what was told. */
  async sendSession(sessionId: string, order: SendSession): Promise<'sent' | { readonly refused: string } | undefined> {
    try {
      this.#receive({ type: 'session', session: await this.api.sendSession(sessionId, order) })
      return 'sent'
    } catch (error) {
      if (error instanceof ApiError && error.code === 'not-admitted' && order.admit !== true) {
        return { refused: error.message }
      }
      this.#onError(error)
      return undefined
    }
  }

  /** Asks anew who one is and which lobbies there are, since more of them, or fewer, may be open to one. */
  async refresh(): Promise<void> {
    try {
      this.#me.value = await this.api.me()
      await this.#load()
    } catch (error) {
      this.#onError(error)
    }
  }

  /** Whether one may enter a lobby. */
  mayEnter(lobbyId: string): boolean {
    const { lobbyIds } = this.me
    return lobbyIds === null || lobbyIds.includes(lobbyId)
  }

  async endSession(sessionId: string): Promise<void> {
    try {
      await this.api.endSession(sessionId)
      this.#receive({ type: 'session-ended', sessionId })
    } catch (error) {
      this.#onError(error)
    }
  }

  async #try(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#onError(error)
    }
  }

  close(): void {
    void this.#feed.close()
  }

  /** Rejects when something could not be asked for, which has been told then. */
  async #load(): Promise<void> {
    this.#meanwhile = []
    try {
      const [lobbies, apps, host, sessions, ended, layouts] = await Promise.all([
        this.api.lobbies(),
        // What can be started, on what, and who is here is the owner's business.
        this.isOwner ? this.api.apps() : [],
        this.isOwner ? this.api.host() : undefined,
        this.isOwner ? this.api.sessions() : [],
        this.isOwner ? this.api.endedLobbies() : [],
        this.isOwner ? this.api.keyboardLayouts() : [],
      ])
      this.#lobbies.value = new Map(lobbies.map((lobby) => [lobby.id, lobby]))
      this.#sessions.value = new Map(sessions.map((session) => [session.id, session]))
      this.apps.value = apps
      this.info.value = host
      this.ended.value = ended
      this.layouts.value = layouts
      for (const event of this.#meanwhile) this.#apply(event)
      this.loaded.value = true
    } catch (error) {
      this.#onError(error)
      throw error
    } finally {
      this.#meanwhile = undefined
    }
  }

  #receive(event: ApiEvent): void {
    this.#meanwhile?.push(event)
    this.#apply(event)
    if (event.type === 'lobby-ended' && this.isOwner && !this.#meanwhile) void this.#askForEnded()
  }

  async #askForHost(): Promise<void> {
    this.info.value = await this.api.host()
  }

  async #askForEnded(): Promise<void> {
    try {
      this.ended.value = await this.api.endedLobbies()
    } catch (error) {
      this.#onError(error)
    }
  }

  #apply(event: ApiEvent): void {
    switch (event.type) {
      case 'app': {
        const { app } = event
        const apps = this.apps.value
        const isKnown = apps.some(({ id }) => id === app.id)
        this.apps.value = isKnown ? apps.map((each) => (each.id === app.id ? app : each)) : [...apps, app]
        break
      }
      case 'app-removed':
        this.apps.value = this.apps.value.filter(({ id }) => id !== event.appId)
        break
      case 'lobby': {
        const { lobby } = event
        this.#lobbies.value = changed(this.#lobbies.value, lobby.id, lobby.status === 'ended' ? undefined : lobby)
        break
      }
      case 'lobby-ended':
        this.#lobbies.value = changed(this.#lobbies.value, event.lobbyId, undefined)
        break
      case 'session':
        this.#sessions.value = changed(this.#sessions.value, event.session.id, event.session)
        break
      case 'session-ended':
        this.#sessions.value = changed(this.#sessions.value, event.sessionId, undefined)
        break
      case 'setting':
        this.settings.receive(event.setting)
        break
      case 'party':
        this.party.receive(event.change)
    }
  }
}

/** The map with another value for a key, or without the key. */
function changed<Value>(map: ReadonlyMap<string, Value>, key: string, value: Value | undefined) {
  const copy = new Map(map)
  if (value === undefined) copy.delete(key)
  else copy.set(key, value)
  return copy
}

function newestFirst<Item extends { readonly createdAt: string }>(items: Iterable<Item>): readonly Item[] {
  return [...items].toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
}
