import type { ViewerModel } from '../model/viewer-model.ts'
import type { SecurePage } from '../model/secure-page.ts'
import { Icon } from '../ui/icon.tsx'
import { ConnectionLost } from './connection-lost.tsx'
import { NoMediaCard } from './no-media-card.tsx'
import { useLongWait } from './use-long-wait.ts'

/** Where UDP gets through, a picture comes much sooner. */
const longWaitMs = 4000

/** What keeps the app away, over whatever there is to see. */
export function Overlay({ model, secure, onLeave }: { model: ViewerModel; secure: SecurePage; onLeave: () => void }) {
  const status = model.status.value
  const waitsLong = useLongWait(!model.hasPicture.value, longWaitMs)
  if (status === 'failed') {
    return (
      <div class="overlay" role="alert">
        <div class="overlay-card">
          <h2>The connection could not be kept</h2>
          <p>{model.cause.value}</p>
          <div class="dialog-actions">
            <button type="button" class="button" onClick={onLeave}>
              Back to the lobbies
            </button>
            <button type="button" class="button primary" onClick={() => model.tryAgain()}>
              <Icon name="refresh" />
              Try again
            </button>
          </div>
        </div>
      </div>
    )
  }
  // On a page by plain HTTP there is no other way than UDP; to know for sure that it is blocked takes much longer.
  const isGreeted = status === 'connecting' && model.place.value !== undefined
  const isOnlyUdpAwaited = waitsLong && isGreeted && secure.isNeeded
  // Whoever has had a picture may have lost the whole network: the next try tells.
  const hasTriedAgain = !model.hasPicture.value || (model.retry.value ?? 0) > 1
  if ((model.lacksWebMedia.value && hasTriedAgain) || isOnlyUdpAwaited) {
    return <NoMediaCard secure={secure} onLeave={onLeave} />
  }
  // Whoever clicks meanwhile wants to type once there is something to type into.
  const takesKeyboard = (event: Event) => {
    event.preventDefault()
    model.focus()
  }
  const isBack = model.retry.value !== undefined && status === 'connecting'
  if (status === 'reconnecting' || isBack) {
    return <ConnectionLost model={model} onLeave={onLeave} />
  }
  if (!model.hasPicture.value) {
    return (
      <div class="overlay" role="status" onMouseDown={takesKeyboard}>
        <div class="overlay-card slim">
          <span class="spinner" aria-hidden="true" />
          <h2>Stepping in …</h2>
        </div>
      </div>
    )
  }
  return null
}
