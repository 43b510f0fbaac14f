import * as v from 'valibot'
import type { Host } from '../../../host/contract/host.ts'
import { HostError } from '../../../host/contract/host-error.ts'
import { mayEnter } from '../../../domain/rights.ts'
import type { OwnersSeatWish } from '../../../domain/seat.ts'
import { grantSeat, lobby as lobbySchema, type LobbyView } from '../../../wire/api/resources.ts'
import { seatId } from '../../../wire/signal/seats.ts'
import { idOf, type ApiContext } from '../api-context.ts'
import { jsonEndpoint, type Described } from '../endpoint.ts'
import { resource, type ApiResource } from '../resource.ts'
import { lobbyView } from '../views.ts'

/** `/lobbies/:id/seats/:seat`: what an owner decides about a seat without being in the lobby. Each answers with the lobby. */
export function seatRoutes({ host }: { host: Host }): ApiResource[] {
  const decide = async (context: ApiContext, wish: OwnersSeatWish): Promise<LobbyView> => {
    const lobby = host.lobbies.get(idOf(context))
    if (!lobby || !mayEnter(context.get('member'), lobby.id)) {
      throw new HostError('lobby-not-found', 'Cannot find the lobby: there is none with this id, or it has ended')
    }
    const seat = context.req.param('seat')
    if (!v.is(seatId, seat)) throw new HostError('seat-not-found', 'Cannot find the seat: there is none of this name')
    await host.changeSeat(lobby.id, seat, wish)
    return lobbyView(lobby, host.sessions)
  }
  const described = (id: string, summary: string): Described => ({
    id,
    summary,
    action: 'manage-seats',
    problems: ['lobby-not-found', 'lobby-ended', 'seat-not-found', 'seat-shared', 'not-recorded'],
  })
  const plain = (id: string, summary: string, wish: OwnersSeatWish) =>
    jsonEndpoint({
      ...described(id, summary),
      answer: lobbySchema,
      handle: (context) => decide(context, wish),
    })
  const grant = described('grantSeat', 'Give a seat to a session in the lobby')
  const path = '/lobbies/:id/seats/:seat'
  return [
    resource(`${path}/grant`, {
      POST: jsonEndpoint({
        ...grant,
        problems: [...(grant.problems ?? []), 'not-in-lobby'],
        body: grantSeat,
        answer: lobbySchema,
        handle: (context, { sessionId }) => decide(context, { do: 'grant', to: sessionId }),
      }),
    }),
    resource(`${path}/take-back`, {
      POST: plain('takeBackSeat', 'Take a seat from whoever has it; nobody waits for it any more', { do: 'take-back' }),
    }),
    resource(`${path}/lock`, {
      POST: plain('lockSeat', 'Let only the owner give this seat away', { do: 'lock' }),
    }),
    resource(`${path}/unlock`, {
      POST: plain('unlockSeat', 'Let players give this seat away; the oldest request gets it', { do: 'unlock' }),
    }),
  ]
}
