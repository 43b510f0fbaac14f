import type { Size } from '../../../host/display/display.ts'
import type { Host } from '../../../host/host.ts'
import { HostError } from '../../../host/host-error.ts'
import type { Lobby } from '../../../host/lobby.ts'
import { mayEnter } from '../../../host/rights.ts'
import { changeLobby, createLobby, type CreateLobby } from '../../../wire/api/resources.ts'
import { ApiError } from '../api-error.ts'
import { readJson } from '../json-body.ts'
import { demand } from '../member-rights.ts'
import { idOf, resource, type ApiApp, type ApiContext } from '../resource.ts'
import { lobbyView } from '../views.ts'

/** `/lobbies`: the running apps. Somebody who was invited to one sees that one. */
export function lobbyRoutes(app: ApiApp, { host }: { host: Host }): void {
  const view = (lobby: Lobby) => lobbyView(lobby, host.sessions)
  /** A lobby that is not to be seen is as good as none. */
  const find = (context: ApiContext): Lobby => {
    const lobby = host.lobbies.get(idOf(context))
    if (lobby && mayEnter(context.get('member'), lobby.id)) return lobby
    throw new HostError('lobby-not-found', 'Cannot find the lobby: there is none with this id, or it has ended')
  }

  resource(app, '/lobbies', {
    GET: (context) => {
      const member = context.get('member')
      return context.json([...host.lobbies.values()].filter(({ id }) => mayEnter(member, id)).map(view))
    },
    POST: async (context) => {
      demand(context.get('member'), 'manage-lobbies')
      const { width, height, ...wanted } = await readJson(context.req.raw, createLobby)
      const lobby = await host.createLobby(definedOnly({ ...wanted, size: sizeOf(width, height) }))
      return context.json(view(lobby), 201, { Location: `${context.req.path}/${lobby.id}` })
    },
  })

  resource(app, '/lobbies/:id', {
    GET: (context) => context.json(view(find(context))),
    PATCH: async (context) => {
      demand(context.get('member'), 'manage-lobbies')
      const { id } = find(context)
      await host.changeLobby(id, definedOnly(await readJson(context.req.raw, changeLobby)))
      return context.json(view(find(context)))
    },
    DELETE: async (context) => {
      demand(context.get('member'), 'manage-lobbies')
      const { id } = find(context)
      await host.stopLobby(id, 'The owner has stopped it')
      return context.body(null, 204)
    },
  })
}

function sizeOf(width: CreateLobby['width'], height: CreateLobby['height']): Size | undefined {
  if (width === undefined && height === undefined) return undefined
  if (width !== undefined && height !== undefined) return { width, height }
  throw new ApiError('invalid-request', 'Cannot use a width without a height, or a height without a width')
}

/** Without the fields that are undefined: what was left out of a body is left out of the call. */
function definedOnly<T extends object>(fields: T): DefinedOnly<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as DefinedOnly<T>
}
type Optional<T> = { [Key in keyof T]: undefined extends T[Key] ? Key : never }[keyof T]
type DefinedOnly<T> = Omit<T, Optional<T>> & { [Key in Optional<T>]?: Exclude<T[Key], undefined> }
