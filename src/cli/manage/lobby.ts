import * as v from 'valibot'
import { voiceChoices } from '../../domain/audience.ts'
import { restartChoices } from '../../domain/lobby-settings.ts'
import { seatings } from '../../domain/seat.ts'
import { changeLobby, createLobby, type LobbyView } from '../../wire/api/resources.ts'
import { UsageError } from '../contract/usage-error.ts'
import { findLobby } from './find-lobby.ts'
import { facts, momentOf, printable, table } from '../terminal/table.ts'
import { textOf, textsOf, verbCommand, type Flags, type Told, type Verb } from './verb.ts'

const layoutFlag = { type: 'string', value: 'NAME', help: 'keyboard layout of the app: de, us(dvorak)' } as const

const looks: Verb['flags'] = {
  title: { type: 'string', value: 'TITLE', help: 'what it is called' },
  size: { type: 'string', value: 'WxH', help: 'size of its display, 1280x720 for instance' },
  restart: {
    type: 'string',
    value: restartChoices.join('|'),
    help: 'whether it comes back when the server is started again',
  },
  seating: {
    type: 'string',
    value: seatings.join('|'),
    help: 'keyboard and mouse for one at a time, or for all players',
  },
  voice: {
    type: 'string',
    value: voiceChoices.join('|'),
    help: 'whose voices are heard: players by the app, or by all',
  },
  'stop-when-empty': { type: 'string', value: 'yes|no', help: 'whether it stops when everyone leaves' },
}

export const lobby = verbCommand('lobby', 'Lobbies: running apps that people share.', {
  list: {
    help: 'the lobbies that there are',
    args: [],
    flags: {},
    async run({ api }) {
      const lobbies = await api.lobbies()
      const rows = lobbies.map(({ id, title, appId, status, members }) => {
        return [id.slice(0, 8), title, appId, status, String(members.length)]
      })
      return { json: lobbies, text: table(['ID', 'TITLE', 'APP', 'STATUS', 'PEOPLE'], rows, 'No lobby is on.') }
    },
  },
  start: {
    help: 'start an app in a lobby of its own',
    args: ['APP'],
    flags: {
      ...looks,
      layout: layoutFlag,
      profile: { type: 'string', value: 'NAME', help: 'which home of the app it has' },
    },
    async run({ api, args: [appId = ''], flags }) {
      const wanted = { appId, ...lookOf(flags), ...sizeOf(flags), ...textsOf(flags, ['profile', 'layout']) }
      return tellOne(await api.createLobby(check(createLobby, wanted)))
    },
  },
  show: {
    help: 'everything about one lobby',
    args: ['LOBBY'],
    flags: {},
    run: async ({ api, args: [meant = ''] }) => tellOne(await findLobby(api, meant)),
  },
  change: {
    help: 'change what it is like; the app goes on',
    args: ['LOBBY'],
    flags: { ...looks, layout: layoutFlag },
    async run({ api, args: [meant = ''], flags }) {
      const size = sizeOf(flags)
      const wanted = { ...lookOf(flags), ...textsOf(flags, ['layout']), ...(size && { size }) }
      const change = check(changeLobby, wanted)
      if (Object.keys(change).length === 0)
        throw new UsageError('wrong-arguments', 'Cannot change nothing: wanted a flag')
      return tellOne(await api.changeLobby((await findLobby(api, meant)).id, change))
    },
  },
  output: {
    help: 'what its app has printed',
    args: ['LOBBY'],
    flags: {},
    async run({ api, args: [meant = ''] }) {
      const output = await api.lobbyOutput((await findLobby(api, meant)).id)
      const lines = output.lines.map(({ at, source, text }) => `${momentOf(at)}  ${source}  ${printable(text)}\n`)
      return { json: output, text: lines.join('') || 'It has printed nothing.\n' }
    },
  },
  stop: {
    help: 'end the app and everything it runs on',
    args: ['LOBBY'],
    flags: {},
    async run({ api, args: [meant = ''] }) {
      const { id, title } = await findLobby(api, meant)
      await api.stopLobby(id)
      return { json: { id, stopped: true }, text: `Stopped ${printable(title)}.\n` }
    },
  },
})

function tellOne(shown: LobbyView): Told {
  const { id, title, appId, status, reason, width, height, fps, layout, restart, voice, createdAt, members } = shown
  const text = facts([
    ['Id', id],
    ['Title', title],
    ['App', appId],
    ['Status', reason === null ? status : `${status}: ${reason}`],
    ['Display', `${width}x${height}@${fps}${layout === null ? '' : `, keyboard ${layout}`}`],
    ['Restart', restart],
    ['Voices', voice],
    ['Since', momentOf(createdAt)],
    ['People', members.length === 0 ? 'nobody' : members.map(({ name, role }) => `${name} (${role})`).join(', ')],
  ])
  return { json: shown, text }
}

function lookOf(flags: Flags) {
  const empty = textOf(flags, 'stop-when-empty')
  if (empty !== undefined && empty !== 'yes' && empty !== 'no') {
    throw new UsageError('wrong-arguments', `Cannot use --stop-when-empty: got "${empty}", wanted yes or no`)
  }
  return {
    ...textsOf(flags, ['title', 'restart', 'seating', 'voice']),
    ...(empty !== undefined && { stopWhenEveryoneLeaves: empty === 'yes' }),
  }
}

function sizeOf(flags: Flags): { width: number; height: number } | undefined {
  const text = textOf(flags, 'size')
  if (text === undefined) return undefined
  const [, width, height] = /^(\d{3,4})x(\d{3,4})$/.exec(text) ?? []
  if (width !== undefined && height !== undefined) return { width: Number(width), height: Number(height) }
  throw new UsageError('wrong-arguments', `Cannot use --size: got "${text}", wanted 1280x720 for instance`)
}

/** What the server would refuse is refused here already, by the same schema. */
function check<T>(schema: v.GenericSchema<unknown, T>, wanted: unknown): T {
  const result = v.safeParse(schema, wanted)
  if (result.success) return result.output
  const [issue] = result.issues
  throw new UsageError('wrong-arguments', `Cannot use ${v.getDotPath(issue) ?? 'this'}: ${issue.message}`)
}
