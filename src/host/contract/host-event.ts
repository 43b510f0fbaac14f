import type { Member, Role } from '../../domain/member.ts'
import type { Observation, Sent } from './stream-session.ts'

/** The domain events of a host (seed 001): one union on one bus. */
export type HostEvent =
  | { readonly type: 'StreamSessionCreated'; readonly sessionId: string; readonly member: Member }
  /** A gateway began to feed the session's viewer. */
  | { readonly type: 'ResumeStream'; readonly sessionId: string }
  /** The session was destroyed. `cause`: `disconnected`, `page-closed`, `left`, `idle`, `revoked`, `stopped`, `host-closing`. */
  | { readonly type: 'StopStream'; readonly sessionId: string; readonly cause: string }
  /** An app is new, or is not what it was. Lobbies that run keep the app that they were started with. */
  | { readonly type: 'AppChanged'; readonly appId: string }
  /** An app is no longer there. */
  | { readonly type: 'AppRemoved'; readonly appId: string }
  | { readonly type: 'CreateLobby'; readonly lobbyId: string }
  /** Its title, status, size, layout, seats, members, askers or whose voices are heard changed. */
  | { readonly type: 'LobbyChanged'; readonly lobbyId: string }
  | { readonly type: 'JoinLobby'; readonly sessionId: string; readonly lobbyId: string }
  | {
      readonly type: 'LeaveLobby'
      readonly sessionId: string
      readonly lobbyId: string
      readonly skipProducerSwitch: boolean
    }
  /** Somebody else puts it into a lobby, or back into its waiting room; the steps of it follow. */
  | {
      readonly type: 'SendSession'
      readonly sessionId: string
      readonly lobbyId: string | undefined
      readonly sent: Sent
    }
  /** Its member may do more, or less, from now on. */
  | { readonly type: 'ChangeRole'; readonly sessionId: string; readonly role: Role }
  | { readonly type: 'StopLobby'; readonly lobbyId: string; readonly reason: string }
  | { readonly type: 'SwitchStreamProducer'; readonly sessionId: string; readonly producerId: string }
  | { readonly type: 'SessionObserved'; readonly sessionId: string; readonly observation: Observation }
