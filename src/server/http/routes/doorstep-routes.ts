import type { Host } from '../../../host/contract/host.ts'
import {
  offeredInvitation,
  redeemedInvitation,
  redeemInvitation,
  type OfferedInvitation,
} from '../../../wire/api/resources.ts'
import type { RedemptionLimits } from '../../auth/redemption-limits.ts'
import type { Redemption, Redemptions } from '../../auth/redemptions.ts'
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
          if (!redemption.ok) throw refusalOf(redemption)
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

function refusalOf(refusal: Extract<Redemption, { ok: false }>): ApiError {
  switch (refusal.reason) {
    case 'wrong-pin': {
      const tries = refusal.triesLeft === 1 ? 'one more try' : `${refusal.triesLeft} more tries`
      return new ApiError(
        'wrong-pin',
        `Cannot let you in: the PIN is wrong. There are ${tries} before the link is gone.`,
      )
    }
    case 'name-not-allowed':
      return new ApiError('name-not-allowed', 'Cannot call you so: it looks like the owner. Choose another name.')
    case 'pin-required':
      return new ApiError('pin-required', 'Cannot let you in without the PIN: whoever sent the link knows it.')
    case 'used-up':
      return new ApiError('invitation-used-up', 'Cannot let you in: the link was used as often as it can be.')
    case 'destroyed':
      return new ApiError('invitation-destroyed', 'Cannot let you in: too many wrong PINs have destroyed the link.')
    case 'expired':
      return new ApiError('invitation-expired', 'Cannot let you in: the invitation has expired.')
    case 'revoked':
      return new ApiError('invitation-revoked', 'Cannot let you in: the invitation was revoked.')
    case 'removed':
      return new ApiError('member-removed', 'Cannot let you in: the owner has shown you out.')
    case 'full':
      return new ApiError('too-many-guests', 'Cannot let you in: too many have come by this link.')
  }
}
