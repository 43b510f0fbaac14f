import * as v from 'valibot'
import type { Size } from '../../../domain/size.ts'
import type { Host } from '../../../host/contract/host.ts'
import { HostError } from '../../../host/contract/host-error.ts'
import type { Lobby } from '../../../host/contract/lobby.ts'
import type { Member } from '../../../domain/member.ts'
import { covers, may, mayEnter } from '../../../domain/rights.ts'
import { changeLobby, createLobby, lobby as lobbySchema, type CreateLobby } from '../../../wire/api/resources.ts'
import { idOf, type ApiContext } from '../api-context.ts'
import { ApiError } from '../api-error.ts'
import { emptyEndpoint, jsonEndpoint } from '../endpoint.ts'
import { demand } from '../member-rights.ts'
import type { IdempotencyKeys } from '../idempotency-keys.ts'
import { resource, type ApiResource } from '../resource.ts'
import { thumbnailEndpoint } from '../thumbnail.ts'
import { lobbyView } from '../views.ts'

/** `/lobbies`: the running apps. Somebody who was invited to one sees that one. */
export function lobbyRoutes({ host, keys }: { host: Host; keys: IdempotencyKeys }): ApiResource[] {
  const view = (lobby: Lobby) => lobbyView(lobby, host.sessions)
  /** An app sees its own lobby, though it cannot enter it. */
  const maySee = (member: Member, lobbyId: string) =>
    mayEnter(member, lobbyId) || (may(member.role, 'retitle') && covers(member, lobbyId))
  /** A lobby that is not to be seen is as good as none. */
  const find = (context: ApiContext): Lobby => {
    const lobby = host.lobbies.get(idOf(context))
    if (lobby && maySee(context.get('member'), lobby.id)) return lobby
    throw new HostError('lobby-not-found', 'Cannot find the lobby: there is none with this id, or it has ended')
  }

  /** One that could not come back can be given up, though it is not there to be found. */
  const stoppable = (context: ApiContext): string => {
    return host.absentLobbies.has(idOf(context)) ? idOf(context) : find(context).id
  }

  return [
    resource('/lobbies', {
      GET: jsonEndpoint({
        id: 'listLobbies',
        summary: 'The lobbies that one may enter',
        answer: v.array(lobbySchema),
        handle: (context) => {
          const member = context.get('member')
          return [...host.lobbies.values()].filter(({ id }) => maySee(member, id)).map(view)
        },
      }),
      POST: jsonEndpoint({
        id: 'createLobby',
        summary: 'Start an app in a lobby of its own; it may still be starting when this answers',
        action: 'manage-lobbies',
        body: createLobby,
        status: 201,
        answer: lobbySchema,
        keys,
        problems: [
          'app-not-found',
          'invalid-size',
          'app-unavailable',
          'too-many-lobbies',
          'profile-in-use',
          'layout-unknown',
          'not-recorded',
          'host-closed',
        ],
        handle: async (context, { width, height, ...wanted }) => {
          const lobby = await host.createLobby({ ...wanted, size: sizeOf(width, height) })
          context.header('Location', `${context.req.path}/${lobby.id}`)
          return view(lobby)
        },
      }),
    }),
    resource('/lobbies/:id', {
      GET: jsonEndpoint({
        id: 'readLobby',
        summary: 'One of the lobbies that one may enter',
        answer: lobbySchema,
        problems: ['lobby-not-found'],
        handle: (context) => view(find(context)),
      }),
      PATCH: jsonEndpoint({
        id: 'changeLobby',
        summary: 'Change title, size or keyboard layout; the app of the lobby may change its title',
        action: 'retitle',
        body: changeLobby,
        answer: lobbySchema,
        problems: [
          'lobby-not-found',
          'invalid-size',
          'lobby-ended',
          'resize-unsupported',
          'layout-unsupported',
          'layout-unknown',
          'change-failed',
          'not-recorded',
        ],
        handle: async (context, change) => {
          const { title: _, ...more } = change
          if (Object.keys(more).length > 0) demand(context.get('member'), 'manage-lobbies')
          await host.changeLobby(find(context).id, change)
          return view(find(context))
        },
      }),
      DELETE: emptyEndpoint({
        id: 'stopLobby',
        summary: 'End the app and everything it runs on',
        action: 'manage-lobbies',
        problems: ['lobby-not-found', 'not-recorded'],
        handle: (context) => host.stopLobby(stoppable(context), 'The owner has stopped it'),
      }),
    }),
    resource('/lobbies/:id/thumbnail', { GET: thumbnailEndpoint(find) }),
  ]
}

function sizeOf(width: CreateLobby['width'], height: CreateLobby['height']): Size | undefined {
  if (width === undefined && height === undefined) return undefined
  if (width !== undefined && height !== undefined) return { width, height }
  throw new ApiError('invalid-request', 'Cannot use a width without a height, or a height without a width')
}
