import * as v from 'valibot'
import type { Host } from '../../../host/host.ts'
import { HostError } from '../../../host/host-error.ts'
import type { Invitations } from '../../../store/invitations.ts'
import {
  createdInvitation,
  createInvitation,
  invitation as invitationSchema,
  lobbyFragmentKey,
  tokenFragmentKey,
} from '../../../wire/api/resources.ts'
import type { Departures } from '../../auth/departures.ts'
import { idOf } from '../api-context.ts'
import { ApiError } from '../api-error.ts'
import { emptyEndpoint, jsonEndpoint } from '../endpoint.ts'
import type { IdempotencyKeys } from '../idempotency-keys.ts'
import { resource, type ApiResource } from '../resource.ts'
import { invitationView } from '../views.ts'

const defaultExpiryS = 24 * 3600

/** `/invitations`: the links that let others into a lobby. */
export function invitationRoutes(options: {
  host: Host
  invitations: Invitations
  departures: Departures
  keys: IdempotencyKeys
}): ApiResource[] {
  const { host, invitations, departures, keys } = options
  return [
    resource('/invitations', {
      GET: jsonEndpoint({
        id: 'listInvitations',
        summary: 'All invitations, newest first, also those that have expired or were revoked',
        action: 'invite',
        answer: v.array(invitationSchema),
        handle: () => invitations.list().map(invitationView),
      }),
      POST: jsonEndpoint({
        id: 'createInvitation',
        summary: 'Make a link that lets others into a lobby',
        action: 'invite',
        body: createInvitation,
        status: 201,
        answer: createdInvitation,
        keys,
        problems: ['lobby-not-found'],
        handle: (_context, { lobbyId, role, expiresInS = defaultExpiryS }) => {
          if (!host.lobbies.has(lobbyId)) {
            throw new HostError(
              'lobby-not-found',
              'Cannot invite to the lobby: there is none with this id, or it has ended',
            )
          }
          const { invitation, token } = invitations.create({ lobbyId, role, expiresInMs: expiresInS * 1000 })
          const fragment = new URLSearchParams({ [tokenFragmentKey]: token, [lobbyFragmentKey]: lobbyId })
          return { ...invitationView(invitation), fragment: fragment.toString() }
        },
      }),
    }),
    resource('/invitations/:id', {
      DELETE: emptyEndpoint({
        id: 'revokeInvitation',
        summary: 'End a link; whoever came in by it is out',
        action: 'invite',
        problems: ['invitation-not-found'],
        handle: (context) => {
          if (!invitations.revoke(idOf(context))) {
            throw new ApiError('invitation-not-found', 'Cannot revoke the invitation: there is none with this id')
          }
          departures.check()
        },
      }),
    }),
  ]
}
