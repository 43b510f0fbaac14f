/** What is known of the host while the connection is away. */
export interface KnownOfHost {
  /** It said so before it went. */
  readonly isClosing: boolean
  /** It has answered since. */
  readonly isThere: boolean
  /** The app was shown, and nothing else has been heard of it since. */
  readonly isInLobby: boolean
}

/** Only what is known: without an answer of the host nobody knows what becomes of the app. */
export function describeHost({ isClosing, isThere, isInLobby }: KnownOfHost): string {
  if (isClosing) return 'The host is closing or restarting.'
  if (!isThere) return 'The host cannot be reached.'
  return `The host is there${isInLobby ? ' and the app runs on' : ''}; picture and sound do not get through.`
}
