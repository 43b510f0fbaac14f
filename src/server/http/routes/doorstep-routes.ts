import type { Host } from '../../../host/contract/host.ts'
import {
  offeredInvitation,
  redeemedInvitation,
  redeemInvitation,
  type OfferedInvitation,
} from '../../../wire/api/resources.ts'
import type { RedemptionLimits } from '../../auth/redemption-limits.ts'
import { describeRefusal } from '../../auth/describe-refusal.ts'
import type { Redemptions } from '../../auth/redemptions.ts'
import { ApiError } from '../api-error.ts'
import { jsonEndpoint } from '../endpoint.ts'
import { resource, type ApiResource } from '../resource.ts'
import { isoTime } from '../views.ts'

/** What the holder of a link can do before being a member: see what it offers, and redeem it. */
export function doorstepRoutes(options: {
  host: Host
  redemptions: Redemptions
  limits: RedemptionLimits
}): ApiResource[] {
  const { host, redemptions, limits } = options
  return [
    resource('/invitations/offered', {
      GET: jsonEndpoint({
        id: 'readOfferedInvitation',
        summary: 'What the link offers whose token is the bearer',
        answer: offeredInvitation,
        handle: (context): OfferedInvitation => {
          const { id, state, role, lobbyId, expiresMs, hasPin, pinTriesLeft } = context.get('invitation')
          const title = host.lobbies.get(lobbyId)?.settings.value.title ?? null
          return {
            id,
            state,
            role,
            lobbyId,
            lobbyTitle: hasPin || state !== 'open' ? null : title,
            expiresAt: isoTime(expiresMs),
            needsPin: hasPin,
            pinTriesLeft,
          }
        },
      }),
    }),
    resource('/invitations/redeem', {
      POST: jsonEndpoint({
        id: 'redeemInvitation',
        summary: "Redeem the link whose token is the bearer for a token of one's own",
        body: redeemInvitation,
        answer: redeemedInvitation,
        problems: [
          'name-not-allowed',
          'pin-required',
          'wrong-pin',
          'invitation-used-up',
          'invitation-destroyed',
          'invitation-expired',
          'invitation-revoked',
          'member-removed',
          'too-many-guests',
        ],
        handle: async (context, { claim, name, pin }) => {
          const invitation = context.get('invitation')
          const waitMs = limits.add(context.env.incoming.socket.remoteAddress ?? '', invitation.id)
          if (waitMs > 0) throw tooOften(waitMs)
          const redemption = await redemptions.redeem(invitation, { claim, name, pin })
          if (!redemption.ok) {
            const { code, message } = describeRefusal(redemption)
            throw new ApiError(code, message)
          }
          const { guest, token } = redemption
          return {
            token,
            memberId: guest.id,
            invitationId: invitation.id,
            name: guest.name,
            role: guest.role,
            lobbyId: guest.invitation.lobbyId,
            expiresAt: isoTime(guest.invitation.expiresMs),
          }
        },
      }),
    }),
  ]
}

function tooOften(waitMs: number): ApiError {
  return new ApiError(
    'too-many-attempts',
    'Cannot redeem the link now: it is tried too often. Try again in a minute.',
    {
      'Retry-After': String(Math.ceil(waitMs / 1000)),
    },
  )
}
