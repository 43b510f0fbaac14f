import type { LobbyView } from '../../src/client/index.ts'

/** Whether there can be something to hear: the app, or the others. */
export function isAudible(lobby: LobbyView | undefined): boolean {
  return lobby === undefined || lobby.sound || lobby.voice !== 'app'
}
