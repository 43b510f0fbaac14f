/**
 * What an app is told so that it can speak to the host about its own lobby: variables of its environment, good until they
 * are disposed of.
 */
export interface AppAccess extends Disposable {
  readonly env: Readonly<Record<string, string>>
}

/** Gives the app of a lobby access for one run. */
export type GrantAppAccess = (lobbyId: string) => AppAccess
