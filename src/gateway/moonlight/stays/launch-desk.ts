import type { Member } from '../../../domain/member.ts'
import { may } from '../../../domain/rights.ts'
import type { Host } from '../../../host/contract/host.ts'
import type { StreamSession } from '../../../host/contract/stream-session.ts'
import type { LaunchRequest } from '../../../wire/moonlight/launch-request.ts'
import { MoonlightError } from '../contract/moonlight-error.ts'
import type { MoonlightStream } from '../stream/moonlight-stream.ts'
import { titlesOf, type Title } from './titles.ts'
import { refusalOfRoom } from './encoder-room.ts'
import type { Launches } from '../launch/launches.ts'
import type { Stays } from './stays.ts'

export interface LaunchDeskOptions {
  readonly host: Host
  readonly stays: Stays
  readonly launches: Launches
  readonly randomBytes: (count: number) => Uint8Array
  readonly openStream: (session: StreamSession) => MoonlightStream
}

/** Who launches, by which certificate and from where. */
export interface Launcher {
  readonly fingerprint: string
  readonly member: Member
  readonly address: string
}

/** `resume` goes to where the client was, whatever title it names. */
export type LaunchVerb = 'launch' | 'resume'

/** Promises streams to clients: a session of its own for each, in the lobby that was meant, before there is a connection. */
export class LaunchDesk {
  readonly #options: LaunchDeskOptions

  constructor(options: LaunchDeskOptions) {
    this.#options = options
  }

  /** Rejects with what is shown to people; the client has no stream then. */
  async launch(launcher: Launcher, request: LaunchRequest, verb: LaunchVerb): Promise<void> {
    const { host, stays, launches, randomBytes, openStream } = this.#options
    const { fingerprint, member, address } = launcher
    const title = this.#titleFor(launcher, request, verb)
    // What it has is encoded no more when it is asked whether there is room.
    await stays.end(fingerprint, 'disconnected')
    const session = host.createSession(member, { returnsAnew: true })
    const launchId = Buffer.from(randomBytes(16)).toString('hex')
    const stream = openStream(session)
    try {
      await this.#place(session, title, request)
    } catch (error) {
      await stream.close('disconnected')
      throw error
    }
    stays.add(fingerprint, { stream, launchId })
    if (launches.add({ id: launchId, fingerprint, request, address })) return
    await stream.close('disconnected')
    throw new MoonlightError('too-many-attempts', 'Too many clients begin at once: try again')
  }

  #titleFor({ fingerprint, member }: Launcher, { appId }: LaunchRequest, verb: LaunchVerb): Title {
    const titles = titlesOf(this.#options.host, member)
    const lobbyId = this.#options.stays.lobbyOf(fingerprint)
    const former = [...titles.values()].find(({ kind, id }) => kind === 'lobby' && id === lobbyId)
    const meant = titles.get(appId)
    const title = verb === 'resume' ? (former ?? meant) : (meant ?? former)
    if (title !== undefined) return title
    throw new MoonlightError('malformed', 'This is not there any more: look at the list again')
  }

  /** Into the lobby that is meant, or that is started for it, when there is room to encode what the client takes. */
  async #place(session: StreamSession, { kind, id }: Title, request: LaunchRequest): Promise<void> {
    const { host } = this.#options
    const { width, height, optimizes } = request
    const refuseWithoutRoom = () => {
      const refusal = refusalOfRoom(session.picture, request)
      if (refusal !== undefined) throw new MoonlightError('no-room', refusal)
    }
    if (kind === 'app') {
      refuseWithoutRoom()
      const lobby = await host.createLobby({ appId: id, ...(optimizes && { size: { width, height } }) })
      return await session.join(lobby.id)
    }
    await session.join(id)
    refuseWithoutRoom()
    if (optimizes) await this.#fitDisplay(session, id, { width, height })
  }

  /** The display takes the size of a client that is alone with it; where it cannot, the picture is letterboxed. */
  async #fitDisplay(session: StreamSession, lobbyId: string, size: { width: number; height: number }): Promise<void> {
    const { host } = this.#options
    const lobby = host.lobbies.get(lobbyId)
    const isAlone = lobby?.sessions.every((id) => id === session.id) === true
    if (!isAlone || !lobby.resizable || !may(session.member.role, 'manage-lobbies')) return
    await host.changeLobby(lobbyId, { size }).catch(() => undefined)
  }
}
