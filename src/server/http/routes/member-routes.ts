import * as v from 'valibot'
import type { Host } from '../../../host/contract/host.ts'
import { covers } from '../../../domain/rights.ts'
import type { Guest, Guests } from '../../../store/guests.ts'
import { changeMember, member as memberSchema } from '../../../wire/api/resources.ts'
import type { Departures } from '../../auth/departures.ts'
import type { OpenLobbies } from '../../auth/open-lobbies.ts'
import { idOf, type ApiContext } from '../api-context.ts'
import { ApiError } from '../api-error.ts'
import { emptyEndpoint, jsonEndpoint } from '../endpoint.ts'
import { demand } from '../member-rights.ts'
import { resource, type ApiResource } from '../resource.ts'
import { memberView } from '../views.ts'

/** `/members`: who has come by an invitation. */
export function memberRoutes(options: {
  host: Host
  guests: Guests
  departures: Departures
  openLobbies: OpenLobbies
}): ApiResource[] {
  const { host, guests, departures, openLobbies } = options
  /** Those of the lobbies that the one who asks has to do with. */
  const list = (context: ApiContext) =>
    guests.list().filter(({ invitation }) => covers(context.get('member'), invitation.lobbyId))
  const find = (context: ApiContext): Guest => {
    const guest = list(context).find(({ id }) => id === idOf(context))
    if (guest) return guest
    throw new ApiError(
      'member-not-found',
      'Cannot find the member: there is none with this id, or they are out already',
    )
  }
  return [
    resource('/members', {
      GET: jsonEndpoint({
        id: 'listMembers',
        summary: 'Who has come by an invitation and may still be here, in order of arrival',
        action: 'manage-members',
        answer: v.array(memberSchema),
        handle: (context) => list(context).map((guest) => memberView(guest, host.sessions)),
      }),
    }),
    resource('/members/:id', {
      PATCH: jsonEndpoint({
        id: 'changeMember',
        summary:
          'Let a viewer play, or a player only watch; open lobbies to a guest, or close them again; it holds at once',
        action: 'manage-members',
        body: changeMember,
        answer: memberSchema,
        problems: ['member-not-found', 'too-many-admissions'],
        handle: async (context, { role, lobbyIds }) => {
          const { id } = find(context)
          if (lobbyIds) {
            demand(context.get('member'), 'manage-sessions')
            await openLobbies.set(id, lobbyIds)
          }
          if (role) guests.changeRole(id, role)
          await departures.check()
          return memberView(find(context), host.sessions)
        },
      }),
      DELETE: emptyEndpoint({
        id: 'removeMember',
        summary: 'Show a member out; others who came by the same link stay',
        action: 'manage-members',
        problems: ['member-not-found'],
        handle: async (context) => {
          guests.remove(find(context).id)
          await departures.check()
        },
      }),
    }),
  ]
}
