const prefix = 'party-'

/** A peer of the party as a member of a host: what its sessions carry. */
export function memberIdOf(peerId: string): string {
  return prefix + peerId
}

/** The peer whose member that is; undefined for members from elsewhere. */
export function peerIdOf(memberId: string): string | undefined {
  return memberId.startsWith(prefix) ? memberId.slice(prefix.length) : undefined
}
