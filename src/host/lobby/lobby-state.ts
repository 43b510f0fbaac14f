import type { Readable } from '../../kernel/readable.ts'
import type { LobbyStatus } from '../contract/lobby.ts'
import type { Stage } from './stage.ts'

/** Where a lobby is, with what it has there. {@link LobbyStatus} is what others see of it. */
export type LobbyState =
  | { readonly status: 'starting'; readonly reason: string }
  | { readonly status: 'running'; readonly stage: Stage }
  | { readonly status: 'recovering'; readonly reason: string }
  | { readonly status: 'ended'; readonly reason: string }

/**
 * What others see of a state. A listener is always told what holds when it is called, also when one before it has
 * brought about the next state already.
 */
export function statusOf(state: Readable<LobbyState>): Readable<LobbyStatus> {
  return {
    get value() {
      return shown(state.value)
    },
    subscribe: (listener) => state.subscribe(() => listener(shown(state.value))),
  }
}

const running: LobbyStatus = { status: 'running' }

function shown(state: LobbyState): LobbyStatus {
  return state.status === 'running' ? running : state
}
