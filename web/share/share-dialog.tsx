import { useEffect, useMemo } from 'preact/hooks'
import type { HostModel } from '../model/host-model.ts'
import { ShareModel } from '../model/share-model.ts'
import { Dialog } from '../ui/dialog.tsx'
import { InvitationForm } from './invitation-form.tsx'
import { InvitationList } from './invitation-list.tsx'
import { NewLink } from './new-link.tsx'
import { WayIn } from './way-in.tsx'

interface ShareDialogProps {
  readonly host: HostModel
  readonly lobbyId: string
  readonly title: string
  readonly onError: (error: unknown) => void
  readonly onClose: () => void
}

/** Lets somebody else in: a link with what it allows, what was given out before, and who came by it. */
export function ShareDialog({ host, lobbyId, title, onError, onClose }: ShareDialogProps) {
  const share = useMemo(() => new ShareModel({ api: host.api, lobbyId, onError }), [])
  // Whoever comes or goes changes what is to be seen here.
  useEffect(() => void share.load(), [host.sessions.value])
  const created = share.created.value
  return (
    <Dialog title={`Share ${title}`} onClose={onClose}>
      {created ? (
        <NewLink host={host} invitation={created} onAnother={() => (share.created.value = undefined)} />
      ) : (
        <>
          <InvitationForm isBusy={share.busy.value} onCreate={(wanted) => void share.create(wanted)} />
          <WayIn host={host} />
        </>
      )}
      <InvitationList share={share} />
    </Dialog>
  )
}
