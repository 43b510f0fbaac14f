import type { ApiClient } from '../../client/api/api-client.ts'
import type { SessionRecordView, SessionView } from '../../wire/api/resources.ts'
import { UsageError } from '../contract/usage-error.ts'
import { findLobby } from './find-lobby.ts'
import { facts, momentOf, printable, table } from '../terminal/table.ts'
import { textOf, textsOf, verbCommand } from './verb.ts'

/** What stands for it where a lobby could be named. */
const waitingRoom = 'waiting-room'

/** For instance `1280x720 at 60, 4.2 Mbit/s`, and what was asked for where that is another size. */
function pictureText(picture: SessionView['picture']): string {
  if (picture === null) return 'nothing yet'
  const { width, height, fps, bitrateBps, asked, reason } = picture
  const seen = `${width}x${height} at ${fps}, ${(bitrateBps / 1e6).toFixed(1)} Mbit/s`
  return reason === null || asked === null
    ? seen
    : `${seen} (asked for ${asked.width}x${asked.height} at ${asked.maxFps})`
}

/** The layout that is heard, and what was asked for where that is another. */
function soundText(sound: SessionView['sound']): string {
  if (sound === null || sound.given === null) return 'nothing'
  return sound.given === sound.asked ? sound.given : `${sound.given} (asked for ${sound.asked})`
}

export const session = verbCommand('session', 'Sessions: who is here, and who was.', {
  list: {
    help: 'who is here now',
    args: [],
    flags: {},
    async run({ api }) {
      const [sessions, lobbies] = await Promise.all([api.sessions(), api.lobbies()])
      const rows = sessions.map(({ id, name, role, device, path, picture, sound, lobbyId, seats, createdAt }) => {
        const lobby = lobbies.find((each) => each.id === lobbyId)
        const by = path === null ? 'none yet' : `${path.wire} ${path.path}`
        const place = lobby?.title ?? 'waiting room'
        return [
          id,
          name,
          role,
          device?.name ?? '',
          by,
          pictureText(picture),
          soundText(sound),
          place,
          seats.join(', '),
          momentOf(createdAt),
        ]
      })
      const names = ['ID', 'NAME', 'ROLE', 'ON', 'PATH', 'SEES', 'HEARS', 'LOBBY', 'SEATS', 'SINCE']
      return { json: sessions, text: table(names, rows, 'Nobody is here.') }
    },
  },
  send: {
    help: 'put a session into a lobby, or back into its waiting room',
    args: ['ID', `LOBBY|${waitingRoom}`],
    flags: {
      reason: { type: 'string', value: 'TEXT', help: 'told to whoever is sent' },
      admit: { type: 'boolean', help: 'let a guest in whose link is for another lobby, in the role that they have' },
    },
    async run({ api, args: [who = '', meant = ''], flags }) {
      const { id, name } = await findSession(api, who)
      const lobby = meant === waitingRoom ? undefined : await findLobby(api, meant)
      const admit = flags['admit'] === true
      const sent = await api.sendSession(id, { lobbyId: lobby?.id ?? null, admit, ...textsOf(flags, ['reason']) })
      return { json: sent, text: `Sent ${printable(name)} to ${printable(lobby?.title ?? 'the waiting room')}.\n` }
    },
  },
  records: {
    help: 'what became of everybody, newest first',
    args: [],
    flags: {
      limit: { type: 'string', value: 'COUNT', help: 'how many, 1 to 200; 50 when left out' },
      cursor: { type: 'string', value: 'CURSOR', help: 'where to go on, as it was told last' },
      lobby: { type: 'string', value: 'LOBBY', help: 'only those who were in it' },
      member: { type: 'string', value: 'ID', help: 'only those of one member' },
      cause: { type: 'string', value: 'CAUSE', help: 'only those that ended so: left, disconnected, idle, ...' },
      since: { type: 'string', value: 'TIME', help: 'only those that began then or later: 2026-01-31T12:00:00Z' },
    },
    async run({ api, flags }) {
      const meant = textOf(flags, 'lobby')
      const lobby = meant === undefined ? {} : { lobby: (await findLobby(api, meant)).id }
      const query = { ...textsOf(flags, ['limit', 'cursor', 'member', 'cause', 'since']), ...lobby }
      const page = await api.records(query)
      const names = ['SESSION', 'NAME', 'BEGAN', 'ENDED', 'CAUSE', 'PATHS', 'FREEZES']
      const text = table(names, page.records.map(rowOf), 'There are no records like that.')
      return { json: page, text: page.next === null ? text : `${text}More with --cursor ${page.next}\n` }
    },
  },
  show: {
    help: 'everything that was noted of one session',
    args: ['ID'],
    flags: {},
    async run({ api, args: [sessionId = ''] }) {
      const timeline = await api.record(sessionId)
      const stays = timeline.stays.map((stay) => {
        const head = facts([
          ['Name', `${stay.name} (${stay.role})`],
          ['Began', momentOf(stay.startedAt)],
          ['Ended', stay.endedAt === null ? 'not yet' : `${momentOf(stay.endedAt)}: ${stay.cause ?? ''}`],
          ['Paths', pathsOf(stay)],
        ])
        const entries = stay.entries.map(({ at, kind, detail }) => {
          return `  ${at}  ${printable(kind)}  ${printable(JSON.stringify(detail))}\n`
        })
        return `${head}${entries.join('')}`
      })
      return { json: timeline, text: stays.join('\n') }
    },
  },
  end: {
    help: "end somebody's session",
    args: ['ID'],
    flags: {},
    async run({ api, args: [meant = ''] }) {
      const { id, name } = await findSession(api, meant)
      await api.endSession(id)
      return { json: { id, ended: true }, text: `Ended the session of ${printable(name)}.\n` }
    },
  },
})

/** The session that is meant: by its id, or the beginning of it. Throws a UsageError when that is none, or several. */
async function findSession(api: ApiClient, meant: string): Promise<SessionView> {
  const sessions = await api.sessions()
  const found = sessions.filter(({ id }) => id === meant || (meant.length >= 4 && id.startsWith(meant)))
  const [first, ...others] = found
  if (first && others.length === 0) return first
  const what = first ? `${found.length} begin so` : 'there is none'
  throw new UsageError(
    'wrong-arguments',
    `Cannot tell which session "${meant}" is: ${what}. See npm start -- session list.`,
  )
}

function rowOf(record: SessionRecordView): string[] {
  const { sessionId, name, startedAt, endedAt, cause, freezes } = record
  return [sessionId, name, momentOf(startedAt), momentOf(endedAt), cause ?? 'is here', pathsOf(record), String(freezes)]
}

function pathsOf({ pathsMs }: Pick<SessionRecordView, 'pathsMs'>): string {
  return Object.entries(pathsMs)
    .map(([path, durationMs]) => `${path} ${Math.round(durationMs / 1000)} s`)
    .join(', ')
}
