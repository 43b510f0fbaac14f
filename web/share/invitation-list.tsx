import type { InvitationView } from '../../src/client/index.ts'
import { describeMoment } from '../ui/describe-moment.ts'
import { Icon } from '../ui/icon.tsx'

/** The links that still work, and a way to end them. */
export function InvitationList({
  invitations,
  onRevoke,
}: {
  invitations: readonly InvitationView[]
  onRevoke: (invitationId: string) => void
}) {
  const now = Date.now()
  const working = invitations
    .filter(({ state }) => state === 'open')
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
  if (working.length === 0) return null
  return (
    <section class="invitations" aria-labelledby="invitations-title">
      <h3 id="invitations-title">Links that work now</h3>
      <ul>
        {working.map(({ id, role, createdAt, expiresAt }) => (
          <li key={id}>
            <Icon name={role === 'viewer' ? 'eye' : 'hand'} />
            <span>
              {role === 'viewer' ? 'May watch' : 'May play'}
              <small>
                made {describeMoment(createdAt, now)}, ends {describeMoment(expiresAt, now)}
              </small>
            </span>
            <button
              type="button"
              class="button small danger"
              aria-label={`Revoke the link made ${describeMoment(createdAt, now)}`}
              onClick={() => onRevoke(id)}
            >
              Revoke
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
