import * as v from 'valibot'
import type { Host } from '../../../host/contract/host.ts'
import { HostError } from '../../../host/contract/host-error.ts'
import type { Invitations } from '../../../store/invitations.ts'
import { hashPin, isEasyPin, newPin } from '../../../store/pin.ts'
import {
  createdInvitation,
  createInvitation,
  invitation as invitationSchema,
  type CreateInvitation,
} from '../../../wire/api/resources.ts'
import { inviteFragmentKey, lobbyFragmentKey } from '../../../wire/api/link-fragment.ts'
import type { Departures } from '../../auth/departures.ts'
import { idOf } from '../api-context.ts'
import { ApiError } from '../api-error.ts'
import { emptyEndpoint, jsonEndpoint } from '../endpoint.ts'
import type { IdempotencyKeys } from '../idempotency-keys.ts'
import { resource, type ApiResource } from '../resource.ts'
import { invitationView } from '../views.ts'

const defaultExpiryS = 24 * 3600
const maxInvitations = 1000

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
        summary: 'All invitations, newest first, also those that let nobody in any more',
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
        problems: ['lobby-not-found', 'too-many-invitations'],
        handle: async (_context, { lobbyId, role, expiresInS = defaultExpiryS, maxUses, pin: wantedPin }) => {
          if (!host.lobbies.has(lobbyId)) {
            throw new HostError(
              'lobby-not-found',
              'Cannot invite to the lobby: there is none with this id, or it has ended',
            )
          }
          if (invitations.list().length >= maxInvitations) {
            invitations.forgetUseless((id) => host.lobbies.has(id) || host.absentLobbies.has(id))
          }
          if (invitations.list().length >= maxInvitations) {
            throw new ApiError('too-many-invitations', `Cannot make one more link: ${maxInvitations} exist already`)
          }
          const pin = pinOf(wantedPin)
          const { invitation, token } = invitations.create({
            lobbyId,
            role,
            expiresInMs: expiresInS * 1000,
            ...(maxUses !== undefined && { maxUses }),
            ...(pin !== undefined && { pinHash: await hashPin(pin) }),
          })
          const fragment = new URLSearchParams({ [inviteFragmentKey]: token, [lobbyFragmentKey]: lobbyId })
          return {
            ...invitationView(invitation),
            fragment: fragment.toString(),
            nativeFragment: token,
            pin: pin ?? null,
          }
        },
      }),
    }),
    resource('/invitations/:id', {
      DELETE: emptyEndpoint({
        id: 'revokeInvitation',
        summary: 'End a link; whoever came in by it is out',
        action: 'invite',
        problems: ['invitation-not-found'],
        handle: async (context) => {
          if (!invitations.revoke(idOf(context))) {
            throw new ApiError('invitation-not-found', 'Cannot revoke the invitation: there is none with this id')
          }
          await departures.check()
        },
      }),
    }),
  ]
}

function pinOf(wanted: CreateInvitation['pin']): string | undefined {
  if (wanted === true) return newPin()
  if (wanted !== undefined && isEasyPin(wanted)) {
    throw new ApiError('invalid-request', 'Cannot use this PIN: it is among the first that anybody would try')
  }
  return wanted
}
