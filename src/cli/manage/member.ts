import type { ApiClient } from '../../client/api/api-client.ts'
import type { MemberView } from '../../wire/api/resources.ts'
import { UsageError } from '../contract/usage-error.ts'
import { printable, table } from '../terminal/table.ts'
import { findLobby } from './find-lobby.ts'
import { verbCommand } from './verb.ts'

const roles = ['player', 'viewer'] as const

export const member = verbCommand('member', 'Members: who has come by a link, and what they may do.', {
  list: {
    help: 'who has come by a link and may still be here',
    args: [],
    flags: {},
    async run({ api }) {
      const [members, lobbies] = await Promise.all([api.members(), api.lobbies()])
      const titleOf = (id: string) => lobbies.find((lobby) => lobby.id === id)?.title ?? id.slice(0, 8)
      const rows = members.map(({ id, name, role, lobbyIds, present }) => {
        return [id.slice(0, 8), name, role, lobbyIds.map(titleOf).join(', '), present ? 'yes' : 'no']
      })
      return {
        json: members,
        text: table(['ID', 'NAME', 'ROLE', 'LOBBIES', 'HERE'], rows, 'Nobody has come by a link.'),
      }
    },
  },
  role: {
    help: 'let a member play, or only watch',
    args: ['MEMBER', roles.join('|')],
    flags: {},
    async run({ api, args: [meant = '', wanted = ''] }) {
      const role = roles.find((known) => known === wanted)
      if (!role) {
        throw new UsageError(
          'wrong-arguments',
          `Cannot give the role "${wanted.slice(0, 100)}": wanted ${roles.join(' or ')}`,
        )
      }
      const changed = await api.changeMember((await findMember(api, meant)).id, { role })
      return { json: changed, text: `${printable(changed.name)} is ${changed.role} now.\n` }
    },
  },
  admit: {
    help: 'let a member into one more lobby than that of their link',
    args: ['MEMBER', 'LOBBY'],
    flags: {},
    async run({ api, args: [meant = '', where = ''] }) {
      const [{ id, lobbyIds }, lobby] = await Promise.all([findMember(api, meant), findLobby(api, where)])
      const changed = await api.changeMember(id, { lobbyIds: [...lobbyIds, lobby.id] })
      return { json: changed, text: `${printable(changed.name)} may enter ${printable(lobby.title)}.\n` }
    },
  },
  close: {
    help: 'close a lobby to a member again; that of their link stays open',
    args: ['MEMBER', 'LOBBY'],
    flags: {},
    async run({ api, args: [meant = '', where = ''] }) {
      const [{ id, name, lobbyId, lobbyIds }, lobby] = await Promise.all([
        findMember(api, meant),
        findLobby(api, where),
      ])
      if (lobby.id === lobbyId) {
        throw new UsageError(
          'wrong-arguments',
          `Cannot close ${printable(lobby.title)} to ${printable(name)}: their link is for it. Show them out, or revoke the link.`,
        )
      }
      const changed = await api.changeMember(id, { lobbyIds: lobbyIds.filter((open) => open !== lobby.id) })
      return { json: changed, text: `${printable(lobby.title)} is closed to ${printable(name)}.\n` }
    },
  },
  out: {
    help: 'show a member out; others who came by the same link stay',
    args: ['MEMBER'],
    flags: {},
    async run({ api, args: [meant = ''] }) {
      const { id, name } = await findMember(api, meant)
      await api.removeMember(id)
      return { json: { id, out: true }, text: `Showed ${printable(name)} out.\n` }
    },
  },
})

/** The member that is meant: by their id, the beginning of it, or their name. Throws a UsageError when that is nobody, or several. */
async function findMember(api: ApiClient, meant: string): Promise<MemberView> {
  const members = await api.members()
  const called = meant.toLowerCase()
  const found = members.filter(({ id, name }) => {
    return id === meant || name.toLowerCase() === called || (meant.length >= 4 && id.startsWith(meant))
  })
  const [first, ...others] = found
  if (first && others.length === 0) return first
  const what = first ? `${found.length} are called so: ${found.map(({ id }) => id).join(', ')}` : 'there is none'
  throw new UsageError(
    'wrong-arguments',
    `Cannot tell which member "${meant}" is: ${what}. See npm start -- member list.`,
  )
}
