import * as v from 'valibot'
import { messageOf } from '../../kernel/coded-error.ts'
import { systemClock, type Clock } from '../../kernel/clock.ts'
import * as resource from '../../wire/api/resources.ts'
import { addressBelow } from '../contract/address-below.ts'
import { ApiError } from './api-error.ts'
import { retried } from './retried.ts'

export interface ApiClientOptions {
  /** Where the host is: the page's own address, for instance; `https://example.org/play/` where it is in a folder. */
  readonly baseUrl: string
  readonly token: string
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
  /** What retries wait by; default: the machine's. */
  readonly clock?: Clock
  /** Uniform in [0, 1); default `Math.random`. */
  readonly random?: () => number
}

/** A small picture and what names its content. */
export interface Thumbnail {
  readonly picture: Blob
  readonly tag: string
}

interface RequestOptions {
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is; its type is among the headers. */
  readonly content?: string
  readonly signal?: AbortSignal | undefined
  readonly headers?: Readonly<Record<string, string>>
}

type Schema = v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>

/** The REST API of a host. Every answer is checked; rejections are ApiErrors. */
export class ApiClient {
  readonly #options: ApiClientOptions

  constructor(options: ApiClientOptions) {
    this.#options = options
  }

  /** Who the token says one is. */
  me(signal?: AbortSignal): Promise<resource.Me> {
    return this.ask('GET', '/me', resource.me, { signal })
  }

  /** Where a page at `baseUrl` is found by HTTPS; undefined where that is not known. */
  async secureOrigin(): Promise<string | undefined> {
    const { origin } = await this.ask('GET', '/secure-origin', resource.secureOrigin)
    return origin ?? undefined
  }

  host(): Promise<resource.HostInfo> {
    return this.ask('GET', '/host', resource.hostInfo)
  }

  /** Whether other machines reach the host by themselves. */
  network(): Promise<resource.NetworkView> {
    return this.ask('GET', '/network', resource.network)
  }

  /** Lets the network in, or shuts it out. */
  changeNetwork(change: resource.ChangeNetwork): Promise<resource.NetworkView> {
    return this.ask('PUT', '/network', resource.network, { body: change })
  }

  /** How the host runs, and what each setting of it comes from. */
  settings(): Promise<resource.SettingView[]> {
    return this.ask('GET', '/settings', v.array(resource.setting))
  }

  /** Changes settings, null forgets one: all or none. Answers with those that were named. */
  changeSettings(change: resource.ChangeSettings): Promise<resource.SettingView[]> {
    return this.ask('PATCH', '/settings', v.array(resource.setting), { body: change })
  }

  /** Whether Moonlight's clients can come, and which of them wait for their PIN. */
  moonlight(): Promise<resource.MoonlightView> {
    return this.ask('GET', '/moonlight', resource.moonlight)
  }

  /** Types the PIN that a Moonlight client shows. */
  typeMoonlightPin(
    pairingId: string,
    typed: { readonly pin: string; readonly name: string },
  ): Promise<resource.MoonlightView> {
    return this.ask('POST', pathOfPairing(pairingId), resource.moonlight, { body: typed })
  }

  /** Sends a Moonlight client away that waits for its PIN. */
  async refuseMoonlightPairing(pairingId: string): Promise<void> {
    await this.request('DELETE', pathOfPairing(pairingId))
  }

  /** The keyboard layouts that lobbies can have. */
  keyboardLayouts(): Promise<resource.KeyboardLayoutView[]> {
    return this.ask('GET', '/keyboard-layouts', v.array(resource.keyboardLayout))
  }

  apps(): Promise<resource.AppView[]> {
    return this.ask('GET', '/apps', v.array(resource.app))
  }

  /** One app with how it is started. */
  app(appId: string): Promise<resource.AppDetails> {
    return this.ask('GET', pathOfApp(appId), resource.appDetails)
  }

  /** Tries again when no answer comes; there is one new app however often it takes. */
  createApp(app: resource.CreateApp): Promise<resource.AppDetails> {
    return this.#create('/apps', resource.appDetails, app)
  }

  /** Puts a definition in the place of what there is under this id, or makes an app of it. */
  putApp(appId: string, definition: resource.CreateApp['definition']): Promise<resource.AppDetails> {
    return this.ask('PUT', pathOfApp(appId), resource.appDetails, { body: { definition } })
  }

  /** Changes some keys of a definition; null takes one away. */
  changeApp(appId: string, change: resource.ChangeApp['definition']): Promise<resource.AppDetails> {
    return this.ask('PATCH', pathOfApp(appId), resource.appDetails, { body: { definition: change } })
  }

  /** Lobbies of it go on. */
  async deleteApp(appId: string): Promise<void> {
    await this.request('DELETE', pathOfApp(appId))
  }

  /** All apps that were described there, as the text of an `apps.toml`. */
  async exportApps(): Promise<string> {
    return textOf(await this.request('GET', '/apps/export'), 'GET /apps/export')
  }

  /** Takes over what the text of an `apps.toml` describes, all or nothing. */
  importApps(text: string): Promise<resource.ImportedApps> {
    const headers = { 'content-type': resource.tomlType }
    return this.ask('POST', '/apps/import', resource.importedApps, { content: text, headers })
  }

  /** The picture of an app. */
  async appIcon(appId: string): Promise<Blob> {
    const response = await this.request('GET', `${pathOfApp(appId)}/icon`)
    return response.blob()
  }

  lobbies(): Promise<resource.LobbyView[]> {
    return this.ask('GET', '/lobbies', v.array(resource.lobby))
  }

  /** Tries again when no answer comes; there is one new lobby however often it takes. */
  createLobby(lobby: resource.CreateLobby): Promise<resource.LobbyView> {
    return this.#create('/lobbies', resource.lobby, lobby)
  }

  changeLobby(lobbyId: string, change: resource.ChangeLobby): Promise<resource.LobbyView> {
    return this.ask('PATCH', `/lobbies/${encodeURIComponent(lobbyId)}`, resource.lobby, { body: change })
  }

  /** What a lobby shows, small; `same` when it still looks as it did with that tag, undefined while there is nothing to see. */
  thumbnail(lobbyId: string, tag?: string): Promise<Thumbnail | 'same' | undefined> {
    return this.picture(`/lobbies/${encodeURIComponent(lobbyId)}/thumbnail`, tag)
  }

  /** One that is kept by its tag, likewise. */
  async picture(path: string, tag?: string): Promise<Thumbnail | 'same' | undefined> {
    const headers = { accept: 'image/jpeg', ...(tag !== undefined && { 'if-none-match': tag }) }
    const response = await this.request('GET', path, { headers })
    if (response.status === 304) return 'same'
    if (response.status === 204) return undefined
    return { picture: await response.blob(), tag: response.headers.get('etag') ?? '' }
  }

  /** Ends the app and everything it runs on. */
  async stopLobby(lobbyId: string): Promise<void> {
    await this.request('DELETE', `/lobbies/${encodeURIComponent(lobbyId)}`)
  }

  /** The last lobbies that have ended, newest first. */
  endedLobbies(): Promise<resource.EndedLobbyView[]> {
    return this.ask('GET', '/ended-lobbies', v.array(resource.endedLobby))
  }

  /** What a lobby's app has printed behind the line with the number `after`, also when the lobby has ended. */
  lobbyOutput(lobbyId: string, after = 0): Promise<resource.LobbyOutputView> {
    return this.ask('GET', `/lobbies/${encodeURIComponent(lobbyId)}/output?after=${after}`, resource.lobbyOutput)
  }

  sessions(): Promise<resource.SessionView[]> {
    return this.ask('GET', '/sessions', v.array(resource.session))
  }

  /** Puts a session into a lobby, or back into its waiting room; its client is told by whom and why. */
  sendSession(sessionId: string, order: resource.SendSession): Promise<resource.SessionView> {
    return this.ask('POST', `/sessions/${encodeURIComponent(sessionId)}/lobby`, resource.session, { body: order })
  }

  /** Ends somebody's session. */
  async endSession(sessionId: string): Promise<void> {
    await this.request('DELETE', `/sessions/${encodeURIComponent(sessionId)}`)
  }

  invitations(): Promise<resource.InvitationView[]> {
    return this.ask('GET', '/invitations', v.array(resource.invitation))
  }

  /** What a link offers; the client's token is that of the link. */
  offeredInvitation(): Promise<resource.OfferedInvitation> {
    return this.ask('GET', '/invitations/offered', resource.offeredInvitation)
  }

  /**
   * Takes up what a link offers; the client's token is that of the link, the answer's one's own. Tries again when no
   * answer comes: with the same claim it is one use however often it takes.
   */
  redeemInvitation(redemption: resource.RedeemInvitation): Promise<resource.RedeemedInvitation> {
    const { clock = systemClock, random = Math.random } = this.#options
    const ask = () => this.ask('POST', '/invitations/redeem', resource.redeemedInvitation, { body: redemption })
    return retried(ask, clock, random)
  }

  /** A ticket with which one goes on on another device; see `handOverFragment`. */
  createHandOver(): Promise<resource.HandOver> {
    return this.ask('POST', '/hand-overs', resource.handOver)
  }

  /** Redeems the ticket that is this client's token. Tries again when no answer comes, and is given the same token. */
  redeemHandOver(claim: string): Promise<resource.HandedOver> {
    const { clock = systemClock, random = Math.random } = this.#options
    const ask = () => this.ask('POST', '/hand-overs/redeem', resource.handedOver, { body: { claim } })
    return retried(ask, clock, random)
  }

  /** One's kept devices; for the owner everybody's. */
  devices(): Promise<resource.DeviceView[]> {
    return this.ask('GET', '/devices', v.array(resource.device))
  }

  changeDevice(deviceId: string, change: resource.ChangeDevice): Promise<resource.DeviceView> {
    return this.ask('PATCH', `/devices/${encodeURIComponent(deviceId)}`, resource.device, { body: change })
  }

  /** It opens nothing any more, and whoever is here on it is out. */
  async revokeDevice(deviceId: string): Promise<void> {
    await this.request('DELETE', `/devices/${encodeURIComponent(deviceId)}`)
  }

  /** Who has come by an invitation. */
  members(): Promise<resource.MemberView[]> {
    return this.ask('GET', '/members', v.array(resource.member))
  }

  /** Lets a viewer play, or a player only watch; opens other lobbies to a guest. */
  changeMember(memberId: string, change: resource.ChangeMember): Promise<resource.MemberView> {
    return this.ask('PATCH', `/members/${encodeURIComponent(memberId)}`, resource.member, { body: change })
  }

  /** Tells a member who asks to play that it is not the time; {@link changeMember} lets them. */
  async declineAsker(lobbyId: string, memberId: string): Promise<void> {
    await this.request('DELETE', `/lobbies/${encodeURIComponent(lobbyId)}/askers/${encodeURIComponent(memberId)}`)
  }

  /** Shows one member out; others who came by the same link stay. */
  async removeMember(memberId: string): Promise<void> {
    await this.request('DELETE', `/members/${encodeURIComponent(memberId)}`)
  }

  /** Tries again when no answer comes; there is one new invitation however often it takes. */
  createInvitation(invitation: resource.CreateInvitation): Promise<resource.CreatedInvitation> {
    return this.#create('/invitations', resource.createdInvitation, invitation)
  }

  /** The link stops working, and who came in by it is put out. */
  async revokeInvitation(invitationId: string): Promise<void> {
    await this.request('DELETE', `/invitations/${encodeURIComponent(invitationId)}`)
  }

  /** What became of the sessions, newest first; `next` of a page is the `cursor` of the one after it. */
  records(query: resource.RecordQuery = {}): Promise<resource.RecordPage> {
    const parameters = new URLSearchParams(Object.entries(query).filter(isGiven))
    return this.ask('GET', `/records?${parameters}`, resource.recordPage)
  }

  /** Everything that was noted of a session. */
  record(sessionId: string): Promise<resource.SessionTimeline> {
    return this.ask('GET', `/records/${encodeURIComponent(sessionId)}`, resource.sessionTimeline)
  }

  /** The bytes of `GET /events`, for an event feed to read; `lastEventId` is where it was cut off. */
  async events(signal: AbortSignal, lastEventId?: string): Promise<ReadableStream<Uint8Array>> {
    const headers = { accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) }
    const response = await this.request('GET', '/events', { signal, headers })
    if (!response.body) throw new ApiError('unexpected-answer', 'GET /events: no body', { status: response.status })
    return response.body
  }

  #create<Answer extends Schema>(path: string, answer: Answer, body: unknown): Promise<v.InferOutput<Answer>> {
    const { clock = systemClock, random = Math.random } = this.#options
    const headers = { 'idempotency-key': newKey() }
    return retried(() => this.ask('POST', path, answer, { body, headers }), clock, random)
  }

  /** Asks for what this class has no method for, and holds the answer to `answer`. `path` is below `/api/v1`. */
  async ask<Answer extends Schema>(
    method: string,
    path: string,
    answer: Answer,
    options: RequestOptions = {},
  ): Promise<v.InferOutput<Answer>> {
    const response = await this.request(method, path, options)
    const result = v.safeParse(answer, parseJson(await textOf(response, `${method} ${path}`)))
    if (result.success) return result.output
    const [issue] = result.issues
    const where = v.getDotPath(issue) ?? 'the body'
    throw new ApiError('unexpected-answer', `${method} ${path}: ${where}: ${issue.message}`, {
      status: response.status,
    })
  }

  /** As {@link ApiClient.ask}, for an answer that is anything. */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const { body, content, signal } = options
    const fetch = this.#options.fetch ?? globalThis.fetch
    const headers = new Headers({ accept: 'application/json', ...options.headers })
    headers.set('authorization', `Bearer ${this.#options.token}`)
    if (body !== undefined) headers.set('content-type', 'application/json')
    let response: Response
    try {
      response = await fetch(addressBelow(this.#options.baseUrl, resource.apiPrefix + path), {
        method,
        headers,
        cache: 'no-store',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(content === undefined ? {} : { body: content }),
        ...(signal ? { signal } : {}),
      })
    } catch (error) {
      throw new ApiError('unreachable', `${method} ${path}: no answer: ${messageOf(error)}`, {
        status: 0,
        cause: error,
      })
    }
    if (response.ok || response.status === 304) return response
    throw await problemOf(response, `${method} ${path}`)
  }
}

function pathOfPairing(pairingId: string): string {
  return `/moonlight/pairings/${encodeURIComponent(pairingId)}`
}

function pathOfApp(appId: string): string {
  return `/apps/${encodeURIComponent(appId)}`
}

async function textOf(response: Response, request: string): Promise<string> {
  try {
    return await response.text()
  } catch (error) {
    const message = `${request}: the answer was cut off: ${messageOf(error)}`
    throw new ApiError('unreachable', message, { status: response.status, cause: error })
  }
}

function isGiven(parameter: [name: string, value: string | undefined]): parameter is [string, string] {
  return parameter[1] !== undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** 128 random bits. `crypto.randomUUID` is missing from pages that came over plain HTTP. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function problemOf(response: Response, request: string): Promise<ApiError> {
  const { status } = response
  const result = v.safeParse(resource.problem, await response.json().catch(() => undefined))
  if (!result.success) return new ApiError('unexpected-answer', `${request}: HTTP ${status}`, { status })
  const { code, title, detail, reason, errors = [] } = result.output
  return new ApiError(code, detail ?? title, { status, errors, reason })
}
