import { computed, signal } from '@preact/signals'
import {
  ApiClient,
  ApiError,
  guessOwnLayout,
  messageOf,
  newClaim,
  parseFragment,
  type FragmentHandOver,
  type TokenStore,
} from '../../src/client/index.ts'
import { pageBase } from './page-base.ts'
import { EntryModel, type Closed } from './entry-model.ts'
import { HostModel } from './host-model.ts'
import type { PreferenceStore } from './preferences.ts'
import { parseRoute, routeFragment, type Route } from './route.ts'
import { Toasts } from './toasts.ts'

/** What the page shows. */
export type PageView =
  | { readonly kind: 'loading' }
  /** There is no token, or the host refused it. */
  | { readonly kind: 'sign-in'; readonly refused: boolean; readonly reason?: string }
  | { readonly kind: 'unreachable' }
  /** A guest's stay is over: their link was ended, or they were shown out. */
  | {
      readonly kind: 'shut-out'
      readonly closed: Closed
      readonly lobbyTitle: string | undefined
      /** Goes on as who else they are here. */
      readonly onAway: (() => void) | undefined
    }
  /** At the door with a link that is to be redeemed. */
  | { readonly kind: 'entry'; readonly entry: EntryModel }
  | { readonly kind: 'inside'; readonly host: HostModel; readonly token: string }

const retryMs = 2000

/** Who is here, by which token, and in which room. */
export class PageModel {
  readonly tokens: TokenStore
  readonly preferences: PreferenceStore
  readonly toasts = new Toasts()
  readonly view = signal<PageView>({ kind: 'loading' })
  readonly route = signal<Route>({ at: 'wall' })
  /** Another number for each time that somebody has gone into a lobby themselves: whoever is sent to another one stays on. */
  readonly stay = signal(0)
  /** The lobby that somebody is in; undefined everywhere else. */
  readonly lobbyId = computed(() => (this.route.value.at === 'lobby' ? this.route.value.lobbyId : undefined))

  /** What was handed over to this device, until it is gone on with. */
  #arriving: FragmentHandOver['session']
  /** Only the latest try to sign in counts. */
  #attempt = 0

  constructor(options: { tokens: TokenStore; preferences: PreferenceStore }) {
    this.tokens = options.tokens
    this.preferences = options.preferences
  }

  /** Reads the address and signs in; from then on follows the address. */
  open(): void {
    window.addEventListener('hashchange', () => this.#followAddress())
    this.#followAddress()
  }

  go(route: Route): void {
    history.pushState(null, '', pageAddress(route))
    this.route.value = route
  }

  enter(lobbyId: string): void {
    this.stay.value++
    this.go({ at: 'lobby', lobbyId })
  }

  /** The session was put into another lobby: the address follows, and the picture goes on. */
  async sentTo(lobbyId: string): Promise<void> {
    const view = this.view.value
    if (view.kind !== 'inside' || this.lobbyId.value === undefined || this.lobbyId.value === lobbyId) return
    // A guest has just been let in there.
    if (!view.host.mayEnter(lobbyId) || !view.host.lobby(lobbyId)) await view.host.refresh()
    if (this.view.value !== view || this.lobbyId.value === undefined) return
    const route: Route = { at: 'lobby', lobbyId }
    history.replaceState(null, '', pageAddress(route))
    this.route.value = route
  }

  leaveLobby(): void {
    this.go({ at: 'wall' })
  }

  /** Starts an app as a new lobby, with the layout of this keyboard, and goes in, or tells why it cannot. */
  async startApp(host: HostModel, appId: string): Promise<void> {
    const own = await guessOwnLayout()
    const layout = host.layouts.value.find(({ name }) => name === own)?.name
    const lobby = await host.createLobby({ appId, ...(layout && { layout }) })
    if (lobby) this.enter(lobby.id)
  }

  /** Tells what went wrong; a refused token ends the stay. */
  readonly report = (error: unknown): void => {
    // Several requests hear of the same end; what is shown then is what the first of them was told.
    if (this.view.value.kind !== 'inside') return
    if (error instanceof ApiError && error.status === 401) this.#refuse(this.#insideToken, error)
    else if (error instanceof ApiError && error.code === 'unreachable') this.toasts.show('The host cannot be reached')
    else this.toasts.show(messageOf(error))
  }

  /** Finds out whether it was the token that a connection was refused for. */
  async checkToken(): Promise<void> {
    const view = this.view.value
    if (view.kind !== 'inside') return
    try {
      await view.host.api.me()
    } catch (error) {
      if (this.view.value !== view) return
      if (error instanceof ApiError && error.status === 401) this.#refuse(view.token, error)
    }
  }

  /** The session that was handed over to this device: given once. */
  takeArriving(): FragmentHandOver['session'] {
    const arriving = this.#arriving
    this.#arriving = undefined
    return arriving
  }

  #followAddress(): void {
    const { token, invite, handOver } = parseFragment(location.hash)
    const route = parseRoute(location.hash)
    if (route.at === 'lobby' && route.lobbyId !== this.lobbyId.value) this.stay.value++
    this.route.value = route
    if (invite !== undefined) this.tokens.keepInvite(invite)
    if (token !== undefined) {
      this.tokens.adopt(token)
      this.tokens.dropInvite()
    }
    const isNew = token !== undefined || invite !== undefined || handOver !== undefined
    if (isNew) {
      // The token leaves the address bar, and with it the history and what is read over shoulders.
      history.replaceState(null, '', pageAddress(route))
    }
    if (handOver) void this.#goOn(handOver, newClaim(), ++this.#attempt)
    else if (isNew || this.view.value.kind === 'loading') void this.#signIn()
  }

  async #signIn(): Promise<void> {
    this.#leaveHost()
    const attempt = ++this.#attempt
    if (this.tokens.invite !== undefined) return this.#enterBy(this.tokens.invite, attempt)
    const token = this.tokens.tokenFor(this.lobbyId.value)
    if (token === undefined) {
      this.view.value = { kind: 'sign-in', refused: false }
      return
    }
    const api = new ApiClient({ baseUrl: pageBase(), token })
    try {
      const me = await api.me()
      if (this.#attempt !== attempt) return
      this.tokens.adopt(token)
      if (me.role === 'owner') this.tokens.rememberOwner(token)
      if (me.lobbyId !== null && me.lobbyIds?.length === 1 && this.route.value.at === 'wall') {
        const route: Route = { at: 'lobby', lobbyId: me.lobbyId }
        history.replaceState(null, '', pageAddress(route))
        this.route.value = route
      }
      this.view.value = { kind: 'inside', token, host: new HostModel({ api, token, me, onError: this.report }) }
    } catch (error) {
      if (this.#attempt !== attempt) return
      if (error instanceof ApiError && error.status === 401) this.#refuse(token, error)
      else this.#tryLater(attempt)
    }
  }

  /** In by a link: at once when this browser came by it before, else over the doorstep. */
  async #enterBy(invite: string, attempt: number): Promise<void> {
    const { guests } = this.tokens
    const api = new ApiClient({ baseUrl: pageBase(), token: invite })
    const comeIn = (token: string) => {
      this.tokens.dropInvite()
      this.tokens.adopt(token)
      void this.#signIn()
    }
    try {
      const offer = await api.offeredInvitation()
      if (this.#attempt !== attempt) return
      const known = guests.get(offer.id)?.token
      if (known !== undefined) return comeIn(known)
      const goAway = () => {
        this.tokens.dropInvite()
        void this.#signIn()
      }
      const onAway = this.tokens.tokenFor(undefined) === undefined ? undefined : goAway
      const entry = new EntryModel({ api, offer, guests, preferences: this.preferences, onIn: comeIn, onAway })
      this.view.value = { kind: 'entry', entry }
    } catch (error) {
      if (this.#attempt !== attempt) return
      if (!(error instanceof ApiError && error.status === 401)) return this.#tryLater(attempt)
      this.tokens.dropInvite()
      this.#refuse(undefined, error)
    }
  }

  /** Comes in as whoever made the link on another device, and goes on there. */
  async #goOn({ ticket, session }: FragmentHandOver, claim: string, attempt: number): Promise<void> {
    this.#leaveHost()
    this.view.value = { kind: 'loading' }
    const api = new ApiClient({ baseUrl: pageBase(), token: ticket })
    try {
      const { token, lobbyId } = await api.redeemHandOver(claim)
      if (this.#attempt !== attempt) return
      this.#arriving = session
      this.tokens.dropInvite()
      this.tokens.adopt(token)
      // A guest's device knows them again like a browser that they came by a link in.
      if (lobbyId !== null) this.tokens.guests.put({ invitationId: `handover ${lobbyId}`, lobbyId, claim, token })
      void this.#signIn()
    } catch (error) {
      if (this.#attempt !== attempt) return
      if (error instanceof ApiError && error.status === 401) this.#refuse(undefined, error)
      else this.#tryLater(attempt, () => this.#goOn({ ticket, session }, claim, attempt))
    }
  }

  #tryLater(attempt: number, again = () => this.#signIn()): void {
    this.view.value = { kind: 'unreachable' }
    setTimeout(() => {
      if (this.#attempt === attempt) void again()
    }, retryMs)
  }

  get #insideToken(): string | undefined {
    const view = this.view.value
    return view.kind === 'inside' ? view.token : undefined
  }

  #refuse(token: string | undefined, { message, reason }: ApiError): void {
    const view = this.view.value
    const lobbyId = view.kind === 'inside' ? view.host.me.lobbyId : null
    const isGuest = lobbyId !== null || (token !== undefined && this.tokens.guests.knows(token))
    const lobbyTitle = view.kind === 'inside' && lobbyId !== null ? view.host.lobby(lobbyId)?.title : undefined
    if (token !== undefined) this.tokens.forget(token)
    this.#leaveHost()
    const closed = closedBy(reason)
    if (!isGuest || closed === undefined) {
      this.view.value = { kind: 'sign-in', refused: true, reason: message }
      return
    }
    const onAway = this.tokens.tokenFor(undefined) === undefined ? undefined : () => void this.#signIn()
    this.view.value = { kind: 'shut-out', closed, lobbyTitle, onAway }
  }

  #leaveHost(): void {
    const view = this.view.value
    if (view.kind === 'inside') view.host.close()
  }
}

/** What ends a guest's stay, of all that a token can be refused for. */
function closedBy(reason: string | undefined): Closed | undefined {
  return reason === 'removed' || reason === 'revoked' || reason === 'expired' ? reason : undefined
}

function pageAddress(route: Route): string {
  return location.pathname + routeFragment(route)
}
