import type { ViewerModel } from '../model/viewer-model.ts'
import type { SecurePage } from '../model/secure-page.ts'
import { Icon } from '../ui/icon.tsx'
import { NoMediaCard } from './no-media-card.tsx'
import { useLongWait } from './use-long-wait.ts'

/** Where UDP gets through, a picture comes much sooner. */
const longWaitMs = 4000

/** What keeps the app away, over whatever there is to see. */
export function Overlay({
  model,
  secure,
  onLeave,
  onOutput,
}: {
  model: ViewerModel
  secure: SecurePage
  onLeave: () => void
  /** Shows what the app has printed; undefined for those who may not see it. */
  onOutput: (() => void) | undefined
}) {
  const status = model.status.value
  const waitsLong = useLongWait(!model.hasPicture.value, longWaitMs)
  if (status === 'failed' && model.hasMoved.value) {
    return (
      <div class="overlay" role="alert">
        <div class="overlay-card">
          <h2>You go on elsewhere</h2>
          <p>The session was taken up on another device. You can be here as well, in a session of its own.</p>
          <div class="dialog-actions">
            <button type="button" class="button" onClick={onLeave}>
              Back to the lobbies
            </button>
            <button type="button" class="button primary" onClick={() => model.tryAgain()}>
              Come in here too
            </button>
          </div>
        </div>
      </div>
    )
  }
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
    return (
      <div class="overlay" role="status" onMouseDown={takesKeyboard}>
        <div class="overlay-card slim">
          <span class="spinner" aria-hidden="true" />
          <div>
            <h2>{model.isBlocked.value ? 'No way through' : 'Connection lost'}</h2>
            {model.isBlocked.value && <p>{model.cause.value}.</p>}
            <p>
              {model.hostIsClosing.value ? 'The host is closing or restarting.' : 'The app runs on.'} Coming back by
              itself, try {model.retry.value ?? 1} …
            </p>
            <Waiting count={model.chat.outbox.value.length} />
          </div>
        </div>
      </div>
    )
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
  const reason = model.waiting.value
  if (reason === undefined) return null
  const isGone = model.isGone.value
  const hasEnded = isGone || model.place.value?.lobbyId === undefined
  return (
    <div class="caption" role="status">
      {hasEnded ? <Icon name="power" /> : <span class="spinner" aria-hidden="true" />}
      <span>
        <strong>Waiting room</strong>
        {isGone ? 'This lobby is no longer here' : reason}
      </span>
      {onOutput && (
        <button type="button" class="button small" onClick={onOutput}>
          <Icon name="lines" />
          Output
        </button>
      )}
      {hasEnded && (
        <button type="button" class="button small" onClick={onLeave}>
          Back to the lobbies
        </button>
      )}
    </div>
  )
}

/** What is sent once there is a connection again. */
function Waiting({ count }: { count: number }) {
  if (count === 0) return null
  return <p>{count === 1 ? 'One text waits' : `${count} texts wait`} to be sent.</p>
}
