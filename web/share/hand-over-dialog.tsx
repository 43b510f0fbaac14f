import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { handOverFragment, type HandOver } from '../../src/client/index.ts'
import type { HostModel } from '../model/host-model.ts'
import type { ViewerModel } from '../model/viewer-model.ts'
import { CopyField } from '../ui/copy-field.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { QrPicture } from '../ui/qr-picture.tsx'
import { WayIn } from './way-in.tsx'

interface HandOverDialogProps {
  readonly host: HostModel
  readonly model: ViewerModel
  readonly lobbyId: string
  readonly onError: (error: unknown) => void
  readonly onClose: () => void
}

/** A link with which one goes on where one is, on another device. Another one is made when this one is too old. */
export function HandOverDialog({ host, model, lobbyId, onError, onClose }: HandOverDialogProps) {
  const handOver = useSignal<HandOver | undefined>(undefined)
  useEffect(() => {
    const ending = new AbortController()
    const renew = async () => {
      try {
        const made = await host.api.createHandOver()
        if (ending.signal.aborted) return
        handOver.value = made
        const timer = setTimeout(() => void renew(), Math.max(1000, Date.parse(made.expiresAt) - Date.now() - 5000))
        ending.signal.addEventListener('abort', () => clearTimeout(timer))
      } catch (error) {
        if (ending.signal.aborted) return
        onError(error)
        onClose()
      }
    }
    void renew()
    return () => ending.abort()
  }, [])
  const made = handOver.value
  // The session's secret is another one after each reconnection.
  const session = model.session.value
  const link = made && `${host.chosenLink.value}${handOverFragment({ ticket: made.ticket, session, lobbyId })}`
  return (
    <Dialog title="Continue on another device" onClose={onClose}>
      {link === undefined ? (
        <p>
          <span class="spinner" aria-hidden="true" /> Making a link …
        </p>
      ) : (
        <div class="new-link hand-over">
          <QrPicture text={link} label="The link as a QR code" />
          <div class="new-link-text">
            <p>
              Open it on your other device: you go on there in the same place, with the same seat, and here it ends. It
              is good once, and for five minutes.
            </p>
            <p class="settings-note">It lets whoever opens it in as you. Keep it to yourself.</p>
          </div>
          <CopyField text={link} label="Copy the link" />
          <WayIn host={host} />
        </div>
      )}
    </Dialog>
  )
}
