import type { Host } from '../../host/contract/host.ts'
import type { EndedLobby, Lobby, LobbyOutput } from '../../host/contract/lobby.ts'
import type { StreamSession } from '../../host/contract/stream-session.ts'
import type { PictureChoice } from '../../media/contract/producer.ts'
import type { Numbered } from '../../observe/record-archive.ts'
import type { PresentPath } from '../../observe/session-record-writer.ts'
import type { Presence } from '../../observe/session-records.ts'
import type { SessionRecord, SessionSummary } from '../../observe/session-record.ts'
import type { SoundLayout } from '../../domain/sound-layout.ts'
import type { LobbyScope } from '../../domain/member.ts'
import type { Guest } from '../../store/guests.ts'
import type { Invitation } from '../../store/invitation.ts'
import type { CatalogueEntry } from '../apps/catalogue-entry.ts'
import type {
  AppDetails,
  AppView,
  EndedLobbyView,
  InvitationView,
  LobbyOutputView,
  LobbyView,
  Me,
  MemberView,
  SessionRecordView,
  SessionStay,
  SessionView,
} from '../../wire/api/resources.ts'

/** Domain objects as the API shows them. */

export function appView({ app, origin, icon }: CatalogueEntry): AppView {
  const { id, title, size, fps, unavailable, source } = app
  return {
    id,
    title,
    available: unavailable === undefined,
    unavailableReason: unavailable ?? null,
    origin: origin.kind,
    place: origin.kind === 'file' ? origin.place : null,
    kind: source.kind,
    ...size,
    fps,
    ...soundView(source.kind === 'display' ? source.sound : source.tone),
    icon: icon?.version ?? null,
  }
}

export function appDetails(entry: CatalogueEntry): AppDetails {
  return { ...appView(entry), definition: entry.definition ?? null }
}

export function lobbyView(lobby: Lobby, sessions: Host['sessions']): LobbyView {
  const status = lobby.status.value
  const { size, layout, ...settings } = lobby.settings.value
  return {
    id: lobby.id,
    ...settings,
    appId: lobby.appId,
    profile: lobby.profile,
    status: status.status,
    reason: 'reason' in status ? status.reason : null,
    ...size,
    fps: lobby.fps,
    resizable: lobby.resizable,
    layout: layout ?? null,
    ...soundView(lobby.sound),
    unheldLimits: [...lobby.unheldLimits],
    seats: lobby.seats.value.map((seat) => ({ ...seat, holder: seat.holder ?? null, requests: [...seat.requests] })),
    askers: [...lobby.askers.value],
    createdAt: isoTime(lobby.createdAtMs),
    members: lobby.sessions.flatMap((sessionId) => {
      const member = sessions.get(sessionId)?.member
      return member ? [{ sessionId, name: member.name, role: member.role }] : []
    }),
  }
}

export function endedLobbyView({ id, appId, title, reason, endedAtMs }: EndedLobby): EndedLobbyView {
  return { id, appId, title, reason, endedAt: isoTime(endedAtMs) }
}

/** Only the lines behind the one with the number `after`. */
export function outputView(output: LobbyOutput, after: number): LobbyOutputView {
  const lines = output.lines(after)
  return {
    last: lines.at(-1)?.number ?? output.lines().at(-1)?.number ?? 0,
    lines: lines.map(({ atMs, ...line }) => ({ ...line, at: isoTime(atMs) })),
  }
}

export function sessionView(session: StreamSession, lobbies: Host['lobbies'], presence: Presence): SessionView {
  const { id: memberId, name, role, device } = session.member
  const { lobbyId } = session.place.value
  const seats = lobbyId === undefined ? [] : (lobbies.get(lobbyId)?.seats.value ?? [])
  return {
    id: session.id,
    memberId,
    name,
    role,
    lobbyId: lobbyId ?? null,
    seats: seats.filter(({ holder }) => holder === session.id).map(({ id }) => id),
    createdAt: isoTime(presence.startedMs),
    device: device ? { ...device, id: device.id ?? null } : null,
    path: presence.path ? pathView(presence.path) : null,
    picture: pictureView(session.picture),
    sound: heardView(session.picture),
  }
}

function soundView(layout: SoundLayout | undefined): Pick<AppView, 'sound' | 'soundLayout'> {
  return { sound: layout !== undefined, soundLayout: layout ?? null }
}

function heardView({ heard }: PictureChoice): SessionView['sound'] {
  return heard ? { asked: heard.asked, given: heard.given ?? null } : null
}

function pictureView({ rendition, shape }: PictureChoice): SessionView['picture'] {
  if (!rendition) return null
  const { codec, width, height, fps, bitrateBps } = rendition
  const { asked = null, reason = null } = shape.value ?? {}
  return { codec, width, height, fps, bitrateBps, asked, reason }
}

function pathView({ path, local, remote, sinceMs, gateway }: PresentPath): SessionView['path'] {
  const known = path as NonNullable<SessionView['path']>['path']
  return {
    path: known,
    wire: known === 'web-port' ? 'websocket' : wireOf(gateway),
    local,
    remote,
    since: isoTime(sinceMs),
  }
}

export function invitationView(invitation: Invitation): InvitationView {
  const { id, lobbyId, role, createdMs, expiresMs, maxUses = null, uses, hasPin, pinTriesLeft, state } = invitation
  const [createdAt, expiresAt] = [isoTime(createdMs), isoTime(expiresMs)]
  return { id, lobbyId, role, createdAt, expiresAt, maxUses, uses, hasPin, pinTriesLeft, state }
}

export function memberView(guest: Guest, sessions: Host['sessions']): MemberView {
  const { id, name, role, invitation, joinedMs } = guest
  return {
    id,
    name,
    role,
    lobbyId: invitation.lobbyId,
    lobbyIds: [...guest.lobbies],
    invitationId: invitation.id,
    joinedAt: isoTime(joinedMs),
    expiresAt: isoTime(invitation.expiresMs),
    present: [...sessions.values()].some(({ member }) => member.id === id),
  }
}

export function recordView(record: Numbered<SessionSummary>): SessionRecordView {
  const { handshake } = record
  return {
    id: String(record.number),
    sessionId: record.sessionId,
    memberId: record.memberId,
    name: record.name,
    role: record.role as SessionRecordView['role'],
    startedAt: isoTime(record.startedMs),
    endedAt: record.endedMs === undefined ? null : isoTime(record.endedMs),
    cause: record.cause ?? null,
    lobbies: [...record.lobbies],
    handshake: handshake ? { ...handshake, reason: handshake.reason ?? null } : null,
    pathsMs: { ...record.pathDurationsMs },
    adaptations: record.adaptations,
    freezes: record.freezes,
    frozenMs: record.frozenMs,
  }
}

export function stayView(record: Numbered<SessionRecord>): SessionStay {
  return {
    ...recordView(record),
    entries: record.entries.map(({ atMs, kind, detail }) => ({ at: isoTime(atMs), kind, detail: { ...detail } })),
    entriesDropped: record.entriesDropped,
  }
}

/** Which lobbies somebody may enter, that of their invitation by itself. */
export function scopeView(lobbies: LobbyScope): Pick<Me, 'lobbyId' | 'lobbyIds'> {
  if (lobbies === 'all') return { lobbyId: null, lobbyIds: null }
  return { lobbyId: lobbies[0] ?? null, lobbyIds: [...lobbies] }
}

export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString()
}

function wireOf(gateway: string | undefined): 'moonlight' | 'native' | 'webrtc' {
  return gateway === 'moonlight' || gateway === 'native' ? gateway : 'webrtc'
}
