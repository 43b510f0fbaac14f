import { inviteFragmentKey, lobbyFragmentKey, tokenFragmentKey } from '../../wire/api/resources.ts'

/** What the part of the page's address behind `#` says. */
export interface PageFragment {
  readonly token: string | undefined
  /** The token of an invitation's link, which has to be redeemed. */
  readonly invite: string | undefined
  readonly lobbyId: string | undefined
}

/** Reads `#token=...&lobby=...` or `#invite=...&lobby=...`, with or without the `#`. */
export function parseFragment(hash: string): PageFragment {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''))
  return {
    token: parameters.get(tokenFragmentKey) || undefined,
    invite: parameters.get(inviteFragmentKey) || undefined,
    lobbyId: parameters.get(lobbyFragmentKey) || undefined,
  }
}

/** The fragment that says where somebody is and keeps nothing secret: `#lobby=...`, or nothing. */
export function placeFragment(lobbyId: string | undefined): string {
  return lobbyId === undefined ? '' : `#${new URLSearchParams({ [lobbyFragmentKey]: lobbyId })}`
}
