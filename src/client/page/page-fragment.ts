import {
  handOverFragmentKey,
  inviteFragmentKey,
  lobbyFragmentKey,
  sessionFragmentKey,
  tokenFragmentKey,
} from '../../wire/api/link-fragment.ts'

/** What the part of the page's address behind `#` says. */
export interface PageFragment {
  readonly token: string | undefined
  /** The token of an invitation's link, which has to be redeemed. */
  readonly invite: string | undefined
  /** Made on another device, to go on here. */
  readonly handOver: FragmentHandOver | undefined
  readonly lobbyId: string | undefined
}

export interface FragmentHandOver {
  /** Of the API, to be redeemed for a token. */
  readonly ticket: string
  /** What the other device is in the middle of. */
  readonly session: { readonly sessionId: string; readonly resumeToken: string } | undefined
}

/**
 * Reads `#token=...&lobby=...`, `#invite=...&lobby=...` or `#handover=...&session=...&lobby=...`, with or without the `#`.
 */
export function parseFragment(hash: string): PageFragment {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''))
  const ticket = parameters.get(handOverFragmentKey)
  const [sessionId, resumeToken] = parameters.get(sessionFragmentKey)?.split('.', 2) ?? []
  return {
    token: parameters.get(tokenFragmentKey) || undefined,
    invite: parameters.get(inviteFragmentKey) || undefined,
    handOver: ticket
      ? { ticket, session: sessionId && resumeToken ? { sessionId, resumeToken } : undefined }
      : undefined,
    lobbyId: parameters.get(lobbyFragmentKey) || undefined,
  }
}

/** The fragment of a link that goes on elsewhere, in the same session: a secret, with its `#`. */
export function handOverFragment(options: {
  readonly ticket: string
  readonly session: FragmentHandOver['session']
  readonly lobbyId: string | undefined
}): string {
  const { ticket, session, lobbyId } = options
  const parameters = new URLSearchParams({ [handOverFragmentKey]: ticket })
  if (session) parameters.set(sessionFragmentKey, `${session.sessionId}.${session.resumeToken}`)
  if (lobbyId !== undefined) parameters.set(lobbyFragmentKey, lobbyId)
  return `#${parameters}`
}

/** The fragment that signs somebody in and leads to where `place` does: `#token=...&lobby=...`. */
export function signInFragment(token: string, place: string): string {
  const secrets = new Set([tokenFragmentKey, inviteFragmentKey, handOverFragmentKey, sessionFragmentKey])
  const rest = [...new URLSearchParams(place.replace(/^#/, ''))].filter(([key]) => !secrets.has(key))
  return `#${new URLSearchParams([[tokenFragmentKey, token], ...rest])}`
}

/** The fragment that says where somebody is and keeps nothing secret: `#lobby=...`, or nothing. */
export function placeFragment(lobbyId: string | undefined): string {
  return lobbyId === undefined ? '' : `#${new URLSearchParams({ [lobbyFragmentKey]: lobbyId })}`
}
