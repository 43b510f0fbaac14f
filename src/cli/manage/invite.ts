import type { CreateInvitation } from '../../wire/api/resources.ts'
import { qrCode } from '../terminal/qr-code.ts'
import { UsageError } from '../contract/usage-error.ts'
import { findLobby } from './find-lobby.ts'
import { facts, momentOf, table } from '../terminal/table.ts'
import { textOf, verbCommand, type Flags } from './verb.ts'

const secondsIn: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 24 * 3600 }
const roles = ['player', 'viewer', 'agent'] as const

export const invite = verbCommand('invite', 'Links that let others into one lobby.', {
  list: {
    help: 'the links that were made',
    args: [],
    flags: {},
    async run({ api }) {
      const invitations = await api.invitations()
      const rows = invitations.map(({ id, lobbyId, role, uses, maxUses, hasPin, state, expiresAt }) => {
        const used = maxUses === null ? String(uses) : `${uses} of ${maxUses}`
        return [id, lobbyId.slice(0, 8), role, used, hasPin ? 'yes' : 'no', state, momentOf(expiresAt)]
      })
      const names = ['ID', 'LOBBY', 'ROLE', 'USES', 'PIN', 'STATE', 'UNTIL']
      return { json: invitations, text: table(names, rows, 'No link was made.') }
    },
  },
  create: {
    help: 'make a link; it is told this once',
    args: ['LOBBY'],
    flags: {
      role: { type: 'string', value: roles.join('|'), help: 'what who comes may do; player when left out' },
      for: { type: 'string', value: 'TIME', help: 'how long it works, 30m, 12h or 7d; a day when left out' },
      uses: { type: 'string', value: 'COUNT', help: 'how often it can be used; any number of times when left out' },
      pin: { type: 'boolean', help: 'ask for a PIN that is made up, and to be told another way' },
      qr: { type: 'boolean', help: 'print the link as a QR code too' },
    },
    async run({ api, args: [meant = ''], flags, context }) {
      const lobby = await findLobby(api, meant)
      const [created, { links, nativeLinks }] = [
        await api.createInvitation(wantedOf(flags, lobby.id)),
        await api.host(),
      ]
      const link = `${links[0] ?? ''}#${created.fragment}`
      const { nativeFragment } = created
      const [native] = nativeFragment === undefined ? [] : nativeLinks.map((each) => `${each}#${nativeFragment}`)
      const { columns, isTTY } = context.output
      const drawing = flags['qr'] === true ? qrCode(link, { columns, colour: isTTY }) : undefined
      const text = facts([
        ['Link', link],
        ...(native === undefined ? [] : [['Native', native] as const]),
        ...(created.pin === null ? [] : [['PIN', created.pin] as const]),
        ['Role', created.role],
        ['Until', momentOf(created.expiresAt)],
        ['Id', created.id],
      ])
      return {
        json: { ...created, link, nativeLink: native ?? null },
        text: drawing === undefined ? text : `${text}\n${drawing}`,
      }
    },
  },
  revoke: {
    help: 'end a link; whoever came in by it is out',
    args: ['ID'],
    flags: {},
    async run({ api, args: [id = ''] }) {
      await api.revokeInvitation(id)
      return { json: { id, revoked: true }, text: `Revoked ${id}.\n` }
    },
  },
})

function wantedOf(flags: Flags, lobbyId: string): CreateInvitation {
  const given = textOf(flags, 'role') ?? 'player'
  const role = roles.find((known) => known === given)
  if (!role) throw wrong('role', given, roles.join(', '))
  const expiresInS = durationOf(textOf(flags, 'for'))
  const maxUses = countOf(textOf(flags, 'uses'))
  return {
    lobbyId,
    role,
    ...(expiresInS !== undefined && { expiresInS }),
    ...(maxUses !== undefined && { maxUses }),
    ...(flags['pin'] === true && { pin: true as const }),
  }
}

function durationOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, count, unit = ''] = /^([1-9]\d{0,3})([mhd])$/.exec(text) ?? []
  if (count === undefined) throw wrong('for', text, '30m, 12h or 7d')
  return Number(count) * (secondsIn[unit] ?? 0)
}

function countOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,3}$/.test(text)) throw wrong('uses', text, 'a number from 1 to 1000')
  return Number(text)
}

function wrong(flag: string, got: string, wanted: string): UsageError {
  return new UsageError('wrong-arguments', `Cannot use --${flag}: got "${got.slice(0, 100)}", wanted ${wanted}`)
}
