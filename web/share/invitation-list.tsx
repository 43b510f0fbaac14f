import type { MemberView } from '../../src/client/index.ts'
import type { SharedLink, ShareModel } from '../model/share-model.ts'
import { describeMoment } from '../ui/describe-moment.ts'
import { Icon } from '../ui/icon.tsx'
import { describeUses, roleTexts } from './describe-invitation.ts'

/** The links that were given out, who came by each, and ways to end it all. */
export function InvitationList({ share }: { share: ShareModel }) {
  const links = share.links.value
  if (links.length === 0) return null
  return (
    <section class="invitations" aria-labelledby="invitations-title">
      <h3 id="invitations-title">Links that were given out</h3>
      <ul>
        {links.map((link) => (
          <Link key={link.invitation.id} link={link} share={share} />
        ))}
      </ul>
    </section>
  )
}

function Link({ link, share }: { link: SharedLink; share: ShareModel }) {
  const { invitation, guests } = link
  const { id, role, createdAt, expiresAt, hasPin, pinTriesLeft, state } = invitation
  const now = Date.now()
  const made = describeMoment(createdAt, now)
  return (
    <li data-state={state}>
      <div class="invitation">
        <Icon name={role === 'viewer' ? 'eye' : 'hand'} />
        <span>
          {roleTexts[role]}
          <small>
            {describeUses(invitation)}, made {made}, ends {describeMoment(expiresAt, now)}
            {hasPin && state === 'open' && `, PIN with ${pinTriesLeft} tries left`}
          </small>
        </span>
        <button
          type="button"
          class="button small danger"
          aria-label={`Revoke the link made ${made}`}
          title="Nobody comes by it any more, and all who came by it are out"
          onClick={() => void share.revoke(id)}
        >
          Revoke
        </button>
      </div>
      {guests.length > 0 && (
        <ul class="guests" aria-label="Who came by it">
          {guests.map((guest) => (
            <Guest key={guest.id} guest={guest} share={share} />
          ))}
        </ul>
      )}
    </li>
  )
}

function Guest({ guest, share }: { guest: MemberView; share: ShareModel }) {
  const { id, name, role, present } = guest
  const other = role === 'viewer' ? 'player' : 'viewer'
  return (
    <li>
      <span class={`dot ${present ? 'green' : 'gray'}`} />
      <span class="guest-name">
        {name}
        <small>{present ? 'is here' : 'is away'}</small>
      </span>
      {role !== 'agent' && (
        <button
          type="button"
          class="button small"
          title={role === 'viewer' ? `Let ${name} play` : `Let ${name} only watch`}
          aria-label={role === 'viewer' ? `Watches: let ${name} play` : `Plays: let ${name} only watch`}
          onClick={() => void share.changeRole(id, other)}
        >
          <Icon name={role === 'viewer' ? 'eye' : 'hand'} />
          {role === 'viewer' ? 'Watches' : 'Plays'}
        </button>
      )}
      <button
        type="button"
        class="button small danger"
        aria-label={`Show out ${name}`}
        title={`Show ${name} out; the others stay`}
        onClick={() => void share.remove(id)}
      >
        Show out
      </button>
    </li>
  )
}
