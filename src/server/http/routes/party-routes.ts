import { PartyError, type PartyErrorCode } from '../../../party/contract/party-error.ts'
import { lobbyFragmentKey, tokenFragmentKey } from '../../../wire/api/link-fragment.ts'
import {
  createParty,
  joinParty,
  party as partySchema,
  partyInvitation,
  partyRights,
  partyVisit,
  startThere,
  visitLobby,
  type PartyView,
  type PartyVisit,
} from '../../../wire/api/party.ts'
import type { HostParty, PartyWay } from '../../party/host-party.ts'
import type { PeerLooks } from '../../party/peer-looks.ts'
import { idOf } from '../api-context.ts'
import { ApiError, type ApiErrorCode } from '../api-error.ts'
import { emptyEndpoint, jsonEndpoint } from '../endpoint.ts'
import type { ProblemCode } from '../problem.ts'
import { resource, type ApiResource } from '../resource.ts'
import { answerWithPicture } from '../thumbnail.ts'

const problems: readonly ProblemCode[] = [
  'parties-off',
  'no-party',
  'in-a-party',
  'code-unknown',
  'peer-offline',
  'party-refused',
  'party-unreachable',
]

/** `/party`: the party that this host is in, for its owner alone. */
export function partyRoutes({
  party,
  looks,
}: {
  party: HostParty | undefined
  /** How lobbies of members look; undefined where parties are turned off. */
  looks: PeerLooks | undefined
}): ApiResource[] {
  const demand = (): HostParty => {
    if (party) return party
    throw new ApiError('parties-off', 'Parties are turned off here: start with --parties own')
  }
  /** Does it, and tells how it is then. */
  const changed = async (deed: (party: HostParty) => unknown) => {
    const here = demand()
    await converted(async () => deed(here))
    return here.view()
  }
  const action = 'manage-party'
  return [
    resource('/party', {
      GET: jsonEndpoint({
        id: 'readParty',
        summary: 'The party that this host is in: who is in it, how each is reached, and what each shows',
        action,
        answer: partySchema,
        handle: () => party?.view() ?? viewOff(),
      }),
      POST: jsonEndpoint({
        id: 'createParty',
        summary: 'Make a party, with this host as its host',
        action,
        body: createParty,
        status: 201,
        answer: partySchema,
        problems,
        handle: (_context, wanted) => changed((here) => here.create(wanted)),
      }),
      DELETE: jsonEndpoint({
        id: 'endParty',
        summary: 'End the party for all; its host alone may',
        action,
        answer: partySchema,
        problems,
        handle: () => changed((here) => here.end()),
      }),
    }),
    resource('/party/join', {
      POST: jsonEndpoint({
        id: 'joinParty',
        summary: 'Join a party by its code, where it is found nearby, or by its link',
        action,
        body: joinParty,
        answer: partySchema,
        problems,
        handle: (_context, wanted) => changed((here) => here.join(wanted)),
      }),
    }),
    resource('/party/invitation', {
      GET: jsonEndpoint({
        id: 'readPartyInvitation',
        summary: 'What others come in by: the whole code, and the link. It holds a secret, for members alone',
        action,
        answer: partyInvitation,
        problems,
        handle: () => converted(() => demand().invitation()),
      }),
    }),
    resource('/party/leave', {
      POST: jsonEndpoint({
        id: 'leaveParty',
        summary: 'Leave the party',
        action,
        answer: partySchema,
        problems,
        handle: () => changed((here) => here.leave()),
      }),
    }),
    resource('/party/rights', {
      PUT: jsonEndpoint({
        id: 'changePartyRights',
        summary: 'What members may do here: all of them, or one; who may not any more is out at once',
        action,
        body: partyRights,
        answer: partySchema,
        problems: [...problems, 'disk-full'],
        handle: (_context, change) => changed((here) => here.changeRights(change)),
      }),
    }),
    resource('/party/peers/:id', {
      DELETE: emptyEndpoint({
        id: 'removePartyPeer',
        summary: 'Take a member out of the party; its host may',
        action,
        problems,
        handle: (context) => converted(() => demand().removePeer(idOf(context))),
      }),
    }),
    resource('/party/peers/:id/visit', {
      POST: jsonEndpoint({
        id: 'visitPartyLobby',
        summary: "A way into a member's lobby, through that member's web port",
        action,
        body: visitLobby,
        answer: partyVisit,
        problems,
        handle: async (context, { lobbyId }) => visitOf(await converted(() => demand().visit(idOf(context), lobbyId))),
      }),
    }),
    resource('/party/peers/:id/lobbies/:lobby/thumbnail', {
      GET: {
        id: 'readPartyThumbnail',
        summary:
          'How a lobby of a member looks, small, or 204 while there is nothing to see: that member lets this host watch, answers, and is asked every two seconds at most',
        action,
        headers: { 'If-None-Match': 'The ETag of the answer before: 304 when the lobby still looks like that' },
        answers: {
          200: { type: 'bytes', mediaTypes: ['image/jpeg'], description: 'At most 480 pixels wide and high' },
          204: { type: 'empty' },
          304: { type: 'empty' },
        },
        problems: ['parties-off'],
        handle: async (context) => {
          demand()
          const picture = await looks?.pictureOf(idOf(context), context.req.param('lobby') ?? '')
          return picture ? answerWithPicture(context, picture) : context.body(null, 204)
        },
      },
    }),
    resource('/party/peers/:id/start', {
      POST: jsonEndpoint({
        id: 'startPartyApp',
        summary: "Start an app at a member's host, and the way into its lobby",
        action,
        body: startThere,
        answer: partyVisit,
        problems,
        handle: async (context, { appId }) => visitOf(await converted(() => demand().start(idOf(context), appId))),
      }),
    }),
  ]
}

function viewOff(): PartyView {
  return {
    status: 'off',
    why: null,
    usualMay: 'nothing',
    recent: [],
    party: null,
    nat: { type: 'unknown', publicIp: null, publicPort: null },
    peers: [],
  }
}

/** A fragment is never sent to a server, so that the token is in no log. */
function visitOf({ page, native, token, lobbyId, isReached }: PartyWay): PartyVisit {
  const fragment = new URLSearchParams({ [tokenFragmentKey]: token, [lobbyFragmentKey]: lobbyId })
  return {
    url: `${page.replace(/\/$/, '')}/#${fragment.toString()}`,
    lobbyId,
    isReached,
    viewLink: native === undefined ? null : `${native}#${token}`,
  }
}

/** What a control plane says is told as what it is: another's answer, never one of this host about the one who asks. */
const codes: Partial<Readonly<Record<PartyErrorCode, ApiErrorCode>>> = {
  invalid: 'invalid-request',
  'no-party': 'no-party',
  'in-a-party': 'in-a-party',
  'code-unknown': 'code-unknown',
  'peer-offline': 'peer-offline',
  unreachable: 'party-unreachable',
  closed: 'party-unreachable',
}

async function converted<T>(deed: () => T | Promise<T>): Promise<T> {
  try {
    return await deed()
  } catch (error) {
    if (!(error instanceof PartyError)) throw error
    throw new ApiError(codes[error.code] ?? 'party-refused', `Cannot do this in the party: ${error.message}`)
  }
}
