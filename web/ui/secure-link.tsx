import type { TargetedMouseEvent } from 'preact'
import type { SecurePage } from '../model/secure-page.ts'
import { Icon } from './icon.tsx'

/** Leads to the same page by HTTPS, still signed in; nothing where that is not known. */
export function SecureLink({ secure, primary = false }: { secure: SecurePage; primary?: boolean }) {
  if (secure.origin.value === undefined) return null
  // The token is in the link only while it is followed: not in the status line, and not in a copy of the address.
  const follow = ({ currentTarget: link }: TargetedMouseEvent<HTMLAnchorElement>) => {
    link.href = secure.signedIn
    setTimeout(() => {
      link.href = secure.place
    })
  }
  return (
    <a class={`button ${primary ? 'primary' : ''}`} href={secure.place} onClick={follow} onAuxClick={follow}>
      <Icon name="lock" />
      Open by HTTPS
    </a>
  )
}
