import type { Host } from '../../../host/host.ts'
import { HostError } from '../../../host/host-error.ts'
import type { Invitations } from '../../../store/invitations.ts'
import {
  createInvitation,
  lobbyFragmentKey,
  tokenFragmentKey,
  type CreatedInvitation,
} from '../../../wire/api/resources.ts'
import type { Departures } from '../../auth/departures.ts'
import { ApiError } from '../api-error.ts'
import { readJson } from '../json-body.ts'
import { demand } from '../member-rights.ts'
import { idOf, resource, type ApiApp } from '../resource.ts'
import { invitationView } from '../views.ts'

const defaultExpiryS = 24 * 3600

/** `/invitations`: the links that let others into a lobby. */
export function invitationRoutes(
  app: ApiApp,
  { host, invitations, departures }: { host: Host; invitations: Invitations; departures: Departures },
): void {
  resource(app, '/invitations', {
    GET: (context) => {
      demand(context.get('member'), 'invite')
      return context.json(invitations.list().map(invitationView))
    },
    POST: async (context) => {
      demand(context.get('member'), 'invite')
      const { lobbyId, role, expiresInS = defaultExpiryS } = await readJson(context.req.raw, createInvitation)
      if (!host.lobbies.has(lobbyId)) {
        throw new HostError(
          'lobby-not-found',
          'Cannot invite to the lobby: there is none with this id, or it has ended',
        )
      }
      const { invitation, token } = invitations.create({ lobbyId, role, expiresInMs: expiresInS * 1000 })
      const created: CreatedInvitation = {
        ...invitationView(invitation),
        fragment: new URLSearchParams({ [tokenFragmentKey]: token, [lobbyFragmentKey]: lobbyId }).toString(),
      }
      return context.json(created, 201)
    },
  })

  resource(app, '/invitations/:id', {
    DELETE: (context) => {
      demand(context.get('member'), 'invite')
      if (!invitations.revoke(idOf(context))) {
        throw new ApiError('invitation-not-found', 'Cannot revoke the invitation: there is none with this id')
      }
      departures.check()
      return context.body(null, 204)
    },
  })
}
