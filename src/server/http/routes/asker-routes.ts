import type { Host } from '../../../host/contract/host.ts'
import { HostError } from '../../../host/contract/host-error.ts'
import { mayEnter } from '../../../domain/rights.ts'
import { idOf } from '../api-context.ts'
import { emptyEndpoint } from '../endpoint.ts'
import { resource, type ApiResource } from '../resource.ts'

/** `/lobbies/:id/askers/:member`: who may only watch and asks to play. To let them is `PATCH /members/:id`. */
export function askerRoutes({ host }: { host: Host }): ApiResource[] {
  return [
    resource('/lobbies/:id/askers/:member', {
      DELETE: emptyEndpoint({
        id: 'declineAsker',
        summary: 'Tell a member who asks to play that it is not the time; they can ask again half a minute later',
        action: 'manage-members',
        problems: ['lobby-not-found', 'lobby-ended', 'not-asking'],
        handle: (context) => {
          const lobby = host.lobbies.get(idOf(context))
          if (!lobby || !mayEnter(context.get('member'), lobby.id)) {
            throw new HostError('lobby-not-found', 'Cannot find the lobby: there is none with this id, or it has ended')
          }
          host.declineAsker(lobby.id, context.req.param('member') ?? '')
        },
      }),
    }),
  ]
}
