import { useEffect, useRef } from 'preact/hooks'
import type { CreatedInvitation } from '../../src/client/index.ts'
import type { HostModel } from '../model/host-model.ts'
import { CopyField } from '../ui/copy-field.tsx'
import { Icon } from '../ui/icon.tsx'
import { QrPicture } from '../ui/qr-picture.tsx'
import { describePeople, roleTexts } from './describe-invitation.ts'
import { WayIn } from './way-in.tsx'

interface NewLinkProps {
  readonly host: HostModel
  readonly invitation: CreatedInvitation
  readonly onAnother: () => void
}

/** A link that was just made: to be copied or held in front of a camera, and its PIN to be told another way. */
export function NewLink({ host, invitation, onAnother }: NewLinkProps) {
  const link = `${host.chosenLink.value}#${invitation.fragment}`
  const { role, maxUses, expiresAt, pin } = invitation
  const native = host.nativeLink(invitation.nativeFragment)
  const root = useRef<HTMLDivElement>(null)
  // Whoever has scrolled down to make it sees it.
  useEffect(() => root.current?.scrollIntoView({ block: 'nearest' }), [])
  return (
    <div class="new-link" ref={root}>
      <QrPicture text={link} label="The link as a QR code" />
      <div class="new-link-text">
        <p>
          {roleTexts[role]}, {describePeople(maxUses)}, until{' '}
          {new Date(expiresAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}. It is shown only
          now.
        </p>
        <button type="button" class="button small" onClick={onAnother}>
          <Icon name="plus" />
          Another link
        </button>
      </div>
      <CopyField text={link} label="Copy the link" />
      {native !== undefined && (
        <div class="new-link-native">
          <p>
            The same for <code>porchlight view</code>, the native viewer:
          </p>
          <CopyField text={native} label="Copy the link for the native viewer" />
        </div>
      )}
      {pin !== null && (
        <div class="new-link-pin">
          <span class="field-label" id="new-link-pin">
            PIN
          </span>
          <output aria-labelledby="new-link-pin">{pin}</output>
          <p>Tell it another way than the link. Ten wrong tries destroy the link.</p>
        </div>
      )}
      <WayIn host={host} />
    </div>
  )
}
