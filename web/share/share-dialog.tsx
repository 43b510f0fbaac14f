import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ApiClient, CreatedInvitation, InvitationView } from '../../src/client/index.ts'
import { CopyField } from '../ui/copy-field.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { QrPicture } from '../ui/qr-picture.tsx'
import { Segments } from '../ui/segments.tsx'
import { InvitationList } from './invitation-list.tsx'

interface ShareDialogProps {
  readonly api: ApiClient
  readonly lobbyId: string
  readonly title: string
  readonly onError: (error: unknown) => void
  readonly onClose: () => void
}

const roles = [
  { value: 'viewer', label: 'May watch' },
  { value: 'player', label: 'May play' },
] as const

const hourS = 3600
const dayS = 24 * hourS
const expiries = [
  { value: String(hourS), label: '1 hour' },
  { value: String(dayS), label: '1 day' },
  { value: String(7 * dayS), label: '7 days' },
  { value: String(30 * dayS), label: '30 days' },
] as const

/** Lets somebody else in: a link with a role and an end, and what was given out before. */
export function ShareDialog({ api, lobbyId, title, onError, onClose }: ShareDialogProps) {
  const role = useSignal<'viewer' | 'player'>('viewer')
  const expiresInS = useSignal<string>(expiries[1].value)
  const created = useSignal<CreatedInvitation | undefined>(undefined)
  const invitations = useSignal<readonly InvitationView[]>([])
  const busy = useSignal(false)

  const load = async () => {
    const all = await api.invitations()
    invitations.value = all.filter((invitation) => invitation.lobbyId === lobbyId)
  }
  const attempt = async (work: () => Promise<void>) => {
    busy.value = true
    try {
      await work()
      await load()
    } catch (error) {
      onError(error)
    } finally {
      busy.value = false
    }
  }
  useEffect(() => void attempt(async () => {}), [])

  const create = () =>
    attempt(async () => {
      const expiry = Number(expiresInS.value)
      created.value = await api.createInvitation({ lobbyId, role: role.value, expiresInS: expiry })
    })
  const revoke = (invitationId: string) =>
    attempt(async () => {
      await api.revokeInvitation(invitationId)
      if (created.value?.id === invitationId) created.value = undefined
    })

  return (
    <Dialog title={`Share ${title}`} onClose={onClose}>
      {created.value ? (
        <NewLink invitation={created.value} onAnother={() => (created.value = undefined)} />
      ) : (
        <>
          <Segments
            label="Whoever opens the link"
            value={role.value}
            options={roles}
            onChange={(value) => (role.value = value)}
          />
          <Segments
            label="The link works for"
            value={expiresInS.value}
            options={expiries}
            onChange={(value) => (expiresInS.value = value)}
          />
          <button type="button" class="button primary" disabled={busy.value} onClick={() => void create()}>
            <Icon name="share" />
            Create a link
          </button>
        </>
      )}
      <InvitationList invitations={invitations.value} onRevoke={(id) => void revoke(id)} />
    </Dialog>
  )
}

function NewLink({ invitation, onAnother }: { invitation: CreatedInvitation; onAnother: () => void }) {
  const link = `${location.origin}${location.pathname}#${invitation.fragment}`
  return (
    <div class="new-link">
      <QrPicture text={link} label="The link as a QR code" />
      <div class="new-link-text">
        <p>
          {invitation.role === 'player' ? 'Whoever has it may play' : 'Whoever has it may watch'} until{' '}
          {new Date(invitation.expiresAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}. It is
          shown only now.
        </p>
        <button type="button" class="button small" onClick={onAnother}>
          <Icon name="plus" />
          Another link
        </button>
      </div>
      <CopyField text={link} label="Copy the link" />
      {isOnlyHere() && (
        <p class="new-link-note">
          <Icon name="warning" />
          <span>
            This address leads to this computer only. Start Porchlight with <code>--host 0.0.0.0</code> to let others on
            your network in.
          </span>
        </p>
      )}
    </div>
  )
}

/** The page was opened by an address that means another machine elsewhere. */
function isOnlyHere(): boolean {
  return /^(localhost|127\.|\[::1\])/.test(location.hostname)
}
