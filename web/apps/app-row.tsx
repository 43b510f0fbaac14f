import { useSignal } from '@preact/signals'
import type { ApiClient, AppView } from '../../src/client/index.ts'
import { Dialog } from '../ui/dialog.tsx'
import { describeSound } from '../ui/describe-sound.ts'
import { Icon } from '../ui/icon.tsx'
import { Remedy } from '../ui/remedy.tsx'
import { AppPicture } from './app-picture.tsx'

interface AppRowProps {
  readonly app: AppView
  readonly api: ApiClient
  /** How many lobbies run it now. */
  readonly lobbies: number
  readonly onStart: () => void
  readonly onEdit: () => void
  readonly onDuplicate: () => void
  readonly onRemove: () => void
}

/** One app: what it is, where it comes from, and what can be done with it. */
export function AppRow({ app, api, lobbies, onStart, onEdit, onDuplicate, onRemove }: AppRowProps) {
  const asksToRemove = useSignal(false)
  const { title, available, origin, unavailableReason } = app
  return (
    <li class={`app-row ${available ? '' : 'unavailable'}`}>
      <AppPicture app={app} api={api} />
      <div class="shelf-text">
        <h3>{title}</h3>
        <p class="app-facts">{factsOf(app).join(' · ')}</p>
        {unavailableReason !== null && <Remedy text={unavailableReason} />}
      </div>
      <div class="app-actions">
        {origin === 'settings' && (
          <>
            <Tool icon="sliders" label={`Edit ${title}`} onClick={onEdit} />
            <Tool icon="trash" label={`Remove ${title}`} onClick={() => (asksToRemove.value = true)} />
          </>
        )}
        {origin !== 'ready-made' && !isMisunderstood(app) && (
          <Tool icon="copy" label={`Duplicate ${title}`} onClick={onDuplicate} />
        )}
        {available && (
          <button type="button" class="button" aria-label={`Start ${title}`} onClick={onStart}>
            <Icon name="play" />
            Start
          </button>
        )}
      </div>
      {asksToRemove.value && (
        <Dialog title={`Remove ${title}?`} onClose={() => (asksToRemove.value = false)}>
          <p>{afterwards(lobbies)}</p>
          <div class="dialog-actions">
            <button type="button" class="button" onClick={() => (asksToRemove.value = false)}>
              Keep it
            </button>
            <button
              type="button"
              class="button danger"
              onClick={() => {
                asksToRemove.value = false
                onRemove()
              }}
            >
              Remove it
            </button>
          </div>
        </Dialog>
      )}
    </li>
  )
}

function Tool({ icon, label, onClick }: { icon: 'sliders' | 'trash' | 'copy'; label: string; onClick: () => void }) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
    </button>
  )
}

function factsOf(app: AppView): string[] {
  const { origin, place, kind, width, height, fps, soundLayout } = app
  const from = origin === 'file' ? `comes from ${place ?? 'the file'}` : origin === 'ready-made' ? 'ready-made' : ''
  if (isMisunderstood(app)) return [from]
  const picture = kind === 'test-pattern' ? ['test pattern'] : []
  const sound = soundLayout === null ? [] : [soundLayout === 'stereo' ? 'sound' : describeSound(soundLayout)]
  return [from, ...picture, `${width}×${height}`, `${fps} fps`, ...sound].filter((fact) => fact !== '')
}

/** What is in the file cannot be read as an app: then the reason begins with its place. */
function isMisunderstood({ place, unavailableReason }: AppView): boolean {
  return place !== null && unavailableReason?.startsWith(place) === true
}

function afterwards(lobbies: number): string {
  const home = 'What it has saved in its home stays on the host.'
  if (lobbies === 0) return home
  const running = lobbies === 1 ? 'One lobby of it goes on' : `${lobbies} lobbies of it go on`
  return `${running} until it is stopped, and does not come back after a restart. ${home}`
}
