import * as v from 'valibot'
import type { Host } from '../../../host/contract/host.ts'
import { HostError } from '../../../host/contract/host-error.ts'
import type { LobbyOutput } from '../../../host/contract/lobby.ts'
import { endedLobby, lobbyOutput, outputQuery } from '../../../wire/api/resources.ts'
import { idOf } from '../api-context.ts'
import { jsonEndpoint } from '../endpoint.ts'
import { readQuery } from '../read-query.ts'
import { resource, type ApiResource } from '../resource.ts'
import { endedLobbyView, outputView } from '../views.ts'

/** What apps have printed, and which lobbies have ended: how one finds out why. */
export function outputRoutes(host: Host): ApiResource[] {
  return [
    resource('/ended-lobbies', {
      GET: jsonEndpoint({
        id: 'listEndedLobbies',
        summary: 'The last lobbies that have ended, newest first; a restart forgets them',
        action: 'manage-lobbies',
        answer: v.array(endedLobby),
        handle: () => host.endedLobbies.map(endedLobbyView),
      }),
    }),
    resource('/lobbies/:id/output', {
      GET: jsonEndpoint({
        id: 'readLobbyOutput',
        summary: 'What the app of a lobby has printed, also for a while after the lobby has ended',
        action: 'manage-lobbies',
        query: outputQuery,
        answer: lobbyOutput,
        problems: ['lobby-not-found', 'invalid-request'],
        handle: (context) =>
          outputView(outputOf(host, idOf(context)), Number(readQuery(context, outputQuery).after ?? 0)),
      }),
    }),
  ]
}

function outputOf(host: Host, lobbyId: string): LobbyOutput {
  const lobby = host.lobbies.get(lobbyId) ?? host.endedLobbies.find(({ id }) => id === lobbyId)
  if (lobby) return lobby.output
  throw new HostError('lobby-not-found', 'Cannot find the lobby: there is none with this id, or it is long gone')
}
