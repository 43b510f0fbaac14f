import type { Log } from '../kernel/log.ts'
import type { HostEvent } from '../host/contract/host-event.ts'

/** Writes into the log what an operator wants to follow of the host's events. */
export function logHostEvent(log: Log, event: HostEvent): void {
  switch (event.type) {
    case 'StreamSessionCreated':
      return log.info('A viewer came', {
        sessionId: event.sessionId,
        memberId: event.member.id,
        role: event.member.role,
      })
    case 'StopStream':
      return log.info('A viewer left', { sessionId: event.sessionId, cause: event.cause })
    case 'AppChanged':
    case 'AppRemoved':
      return log.info(event.type === 'AppChanged' ? 'An app is new or has changed' : 'An app is gone', {
        appId: event.appId,
      })
    case 'CreateLobby':
      return log.info('Opened a lobby', { lobbyId: event.lobbyId })
    case 'StopLobby':
      return log.info('A lobby has ended', { lobbyId: event.lobbyId, reason: event.reason })
    case 'JoinLobby':
    case 'LeaveLobby':
      return log.debug(event.type === 'JoinLobby' ? 'A viewer joined a lobby' : 'A viewer left a lobby', {
        sessionId: event.sessionId,
        lobbyId: event.lobbyId,
      })
    case 'SendSession':
      return log.info('A viewer was sent elsewhere', {
        sessionId: event.sessionId,
        lobbyId: event.lobbyId,
        by: event.sent.by,
      })
    case 'ChangeRole':
      return log.info('A viewer has another role', { sessionId: event.sessionId, role: event.role })
    case 'SessionObserved':
      return log.debug('Observed a session', { sessionId: event.sessionId, ...event.observation })
    case 'ResumeStream':
    case 'LobbyChanged':
    case 'SwitchStreamProducer':
  }
}
