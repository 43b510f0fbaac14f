import type { Member } from '../../../domain/member.ts'
import { apiPrefix, handedOver, handOver, redeemHandOver } from '../../../wire/api/resources.ts'
import { bearerOfHeader } from '../../auth/bearer.ts'
import { describeAgent } from '../../auth/describe-agent.ts'
import type { HandOvers } from '../../auth/hand-overs.ts'
import { ApiError } from '../api-error.ts'
import { jsonEndpoint } from '../endpoint.ts'
import { RefusedToken, type Gate } from '../gate.ts'
import { resource, type ApiResource } from '../resource.ts'
import { isoTime, scopeView } from '../views.ts'

interface HandOverOptions {
  readonly handOvers: HandOvers
  readonly gate: Gate
  readonly epochMs: () => number
}

/** For members: a ticket with which they go on on another device. */
export function handOverRoute({ handOvers, epochMs }: HandOverOptions): ApiResource {
  return resource('/hand-overs', {
    POST: jsonEndpoint({
      id: 'createHandOver',
      summary: 'Make a ticket with which one goes on on another device',
      action: 'watch',
      status: 201,
      answer: handOver,
      problems: ['too-many-devices'],
      handle: async (context) => {
        const { ticket, lifetimeMs } = await handOvers.issue(context.get('member'))
        return { ticket, expiresAt: isoTime(epochMs() + lifetimeMs) }
      },
    }),
  })
}

/** For whoever holds such a ticket, and is nobody here yet. */
export function redeemHandOverRoute({ handOvers, gate }: HandOverOptions): ApiResource {
  return resource(`${apiPrefix}/hand-overs/redeem`, {
    POST: jsonEndpoint({
      id: 'redeemHandOver',
      summary: 'Redeem the ticket that is the bearer for a token of this device',
      body: redeemHandOver,
      answer: handedOver,
      problems: ['unauthenticated', 'too-many-attempts', 'too-many-devices'],
      handle: async (context, { claim }) => {
        const { incoming } = context.env
        gate.checkOrigin(incoming)
        const ticket = bearerOfHeader(incoming.headers.authorization)
        const name = describeAgent(incoming.headers['user-agent'])
        const token = ticket === undefined ? undefined : await handOvers.redeem(ticket, claim, name)
        const { member } = await admitted(gate, incoming, token)
        return { token: token as string, role: member.role, ...scopeView(member.lobbies) }
      },
    }),
  })
}

/** A ticket that is no good counts as a wrong token; so does one of somebody who was shown out meanwhile. */
async function admitted(
  gate: Gate,
  incoming: Parameters<Gate['admit']>[0],
  token: string | undefined,
): Promise<{ member: Member }> {
  try {
    return await gate.admit(incoming, token ?? '')
  } catch (error) {
    if (!(error instanceof RefusedToken)) throw error
    throw new ApiError(
      'unauthenticated',
      'Cannot go on here: the link was used, is too old or is not known. Make another one on your other device.',
      error.headers,
    )
  }
}
