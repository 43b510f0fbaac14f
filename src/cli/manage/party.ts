import { PartyApi } from '../../client/api/party-api.ts'
import { partyPermissions } from '../../domain/party-permission.ts'
import { UsageError } from '../contract/usage-error.ts'
import { facts } from '../terminal/table.ts'
import { connect } from './connect.ts'
import { networkVerbs, type ReachedParty } from './party-network.ts'
import { findPeer } from './party-peer.ts'
import { toldInvitation, toldParty } from './party-status.ts'
import { reachingCommand, textOf, textsOf, type Verb } from './verb.ts'

const at = {
  type: 'string',
  value: 'URL',
  help: 'the address of a control plane, such as https://plane.example; this host’s own when left out',
} as const

const verbs: Readonly<Record<string, Verb<ReachedParty>>> = {
  status: {
    help: 'the party that this host is in, and how each member is reached',
    args: [],
    flags: {},
    run: async ({ parties }) => toldParty(parties, await parties.read()),
  },
  create: {
    help: 'make a party; prints a code and a link for others',
    args: ['NAME'],
    flags: {
      at,
      open: { type: 'boolean', help: 'whoever knows its id comes in, without a code' },
      'short-code': { type: 'boolean', help: 'a code without the second part, which the control plane is never told' },
      migrate: { type: 'boolean', help: 'it goes on when this host leaves: whoever was there longest is the host' },
    },
    async run({ parties, args: [name = ''], flags }) {
      const made = await parties.create({
        name,
        ...textsOf(flags, ['at']),
        ...(flags['open'] === true && { admission: 'id' as const }),
        ...(flags['short-code'] === true && { hasSecondPart: false }),
        ...(flags['migrate'] === true && { whenHostLeaves: 'migrate' as const }),
      })
      return toldParty(parties, made, await parties.invitation())
    },
  },
  invite: {
    help: 'the code and the link for others; they hold a secret that the control plane does not know',
    args: [],
    flags: {},
    run: async ({ parties }) => toldInvitation(await parties.invitation()),
  },
  join: {
    help: 'join a party by its code, where it is nearby, or by its link',
    args: ['CODE-or-LINK'],
    flags: { at: { ...at, help: 'where a code is looked for; on this machine and network when left out' } },
    run: async ({ parties, args: [by = ''], flags }) =>
      toldParty(parties, await parties.join({ by, ...textsOf(flags, ['at']) })),
  },
  leave: {
    help: 'leave the party; a party ends with its host, unless it was made to migrate',
    args: [],
    flags: {},
    run: async ({ parties }) => toldParty(parties, await parties.leave()),
  },
  end: {
    help: 'end the party for all; its host may',
    args: [],
    flags: {},
    run: async ({ parties }) => toldParty(parties, await parties.end()),
  },
  remove: {
    help: 'take a member out; the host of the party may',
    args: ['PEER'],
    flags: {},
    async run({ parties, args: [meant = ''] }) {
      const peer = findPeer(await parties.read(), meant)
      await parties.removePeer(peer.id)
      return { json: { id: peer.id, removed: true }, text: `${peer.name} is out.\n` }
    },
  },
  allow: {
    help: `what members may do here: ${partyPermissions.join(', ')}; each includes those before it`,
    args: ['WHAT'],
    flags: { peer: { type: 'string', value: 'PEER', help: 'one member, by name or id; all others when left out' } },
    async run({ parties, args: [what = ''], flags }) {
      const may = partyPermissions.find((known) => known === what)
      if (may === undefined) {
        throw new UsageError('wrong-arguments', `Cannot allow "${what}": wanted one of ${partyPermissions.join(', ')}`)
      }
      const meant = textOf(flags, 'peer')
      const peerId = meant === undefined ? null : findPeer(await parties.read(), meant).id
      return toldParty(parties, await parties.changeRights({ peerId, may }))
    },
  },
  open: {
    help: 'a link into a member’s lobby; it holds a secret, and is good as long as both are in the party',
    args: ['PEER', 'LOBBY'],
    flags: {},
    async run({ parties, args: [meant = '', title = ''] }) {
      const peer = findPeer(await parties.read(), meant)
      const lobbies = peer.wall?.lobbies ?? []
      const lobby = lobbies.find((each) => each.id === title) ?? lobbies.find((each) => each.title === title)
      if (!lobby) {
        const known = lobbies.map((each) => `"${each.title}"`).join(', ') || 'none'
        throw new UsageError('wrong-arguments', `Cannot find the lobby "${title}": ${peer.name} shows ${known}`)
      }
      const visit = await parties.visit(peer.id, lobby.id)
      const { url, viewLink, isReached } = visit
      const view = viewLink === null ? undefined : `npm start -- view '${viewLink}' --lobby ${visit.lobbyId}`
      return {
        json: visit,
        text: facts([
          ['Link', url],
          ...(view === undefined ? [] : [['Without a browser', view] as const]),
          ...(isReached ? [] : [['', 'Its page does not answer this machine: the link may lead nowhere.'] as const]),
        ]),
      }
    },
  },
  ...networkVerbs,
}

export const party = reachingCommand(
  'party',
  'Hosts that find each other: one wall with everybody’s lobbies.',
  (destination) => ({ parties: new PartyApi(connect(destination)) }),
  verbs,
)
