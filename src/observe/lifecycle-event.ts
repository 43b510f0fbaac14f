/**
 * The domain events as records and metrics read them: by shape, so that this room knows nothing of the host. The host's
 * `HostEvent` fits.
 */
export type LifecycleEvent =
  | {
      readonly type: 'StreamSessionCreated'
      readonly sessionId: string
      readonly member: { readonly id: string; readonly name: string; readonly role: string }
    }
  | { readonly type: 'ResumeStream'; readonly sessionId: string }
  | { readonly type: 'StopStream'; readonly sessionId: string; readonly cause: string }
  | { readonly type: 'AppChanged' | 'AppRemoved'; readonly appId: string }
  | { readonly type: 'CreateLobby' | 'LobbyChanged'; readonly lobbyId: string }
  | { readonly type: 'StopLobby'; readonly lobbyId: string; readonly reason: string }
  | { readonly type: 'JoinLobby'; readonly sessionId: string; readonly lobbyId: string }
  | {
      readonly type: 'LeaveLobby'
      readonly sessionId: string
      readonly lobbyId: string
      readonly skipProducerSwitch: boolean
    }
  | {
      readonly type: 'SendSession'
      readonly sessionId: string
      readonly lobbyId: string | undefined
      readonly sent: { readonly by: string; readonly reason?: string }
    }
  | { readonly type: 'ChangeRole'; readonly sessionId: string; readonly role: string }
  | { readonly type: 'SwitchStreamProducer'; readonly sessionId: string; readonly producerId: string }
  | { readonly type: 'SessionObserved'; readonly sessionId: string; readonly observation: LifecycleObservation }

/** What gateways see of a session (seed 000, "Practical Observability Points"), and which of them. */
export type LifecycleObservation = ObservedFact & { readonly gateway: string }

export type ObservedFact =
  | { readonly kind: 'handshake'; readonly ok: boolean; readonly tookMs: number; readonly reason: string | undefined }
  | {
      readonly kind: 'path'
      readonly path: string
      readonly local: string
      readonly remote: string
      readonly reason?: string
      readonly why?: string | undefined
    }
  | { readonly kind: 'adaptation'; readonly fromBps: number; readonly toBps: number; readonly cause: string }
  | { readonly kind: 'parity'; readonly fromPercent: number; readonly toPercent: number; readonly lossRatio: number }
  | {
      readonly kind: 'rendition'
      readonly from: { readonly size: string; readonly fps: number }
      readonly to: { readonly size: string; readonly fps: number }
      readonly cause: string
    }
  | {
      readonly kind: 'wish'
      readonly cause: 'asked' | 'offered'
      readonly asked: { readonly size: string; readonly fps: number } | undefined
      readonly given: { readonly size: string; readonly fps: number } | undefined
      readonly reason: string | undefined
    }
  | { readonly kind: 'sound'; readonly asked: string; readonly given: string }
  | { readonly kind: 'mode'; readonly to: string; readonly cause: string }
  | { readonly kind: 'freeze'; readonly durationMs: number }
  | {
      readonly kind: 'probing'
      readonly result: string
      readonly part: string
      readonly probes: number
      readonly sockets: number
      readonly tookMs: number
    }
  | { readonly kind: 'interruption'; readonly reason: string }
  | { readonly kind: 'fault'; readonly code: string; readonly message: string }
