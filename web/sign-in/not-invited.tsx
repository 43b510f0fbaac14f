import { PlainPage } from './plain-page.tsx'

interface NotInvitedProps {
  /** What the lobby is called that one was invited to; undefined while that is not known, or when it is gone. */
  readonly ownTitle: string | undefined
  readonly onGo: () => void
}

/** Somebody who was invited to one lobby has opened the address of another one. */
export function NotInvited({ ownTitle, onGo }: NotInvitedProps) {
  return (
    <PlainPage title="This lobby is not open to you">
      <p>
        {ownTitle === undefined
          ? 'Your invitation is for another one.'
          : `Your invitation is for “${ownTitle}”, and this is another one.`}{' '}
        Ask whoever sent you here for a link to it.
      </p>
      <button type="button" class="button primary" onClick={onGo}>
        {ownTitle === undefined ? 'Go where you are invited' : `Go to ${ownTitle}`}
      </button>
    </PlainPage>
  )
}
