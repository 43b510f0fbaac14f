import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ViewerModel } from '../model/viewer-model.ts'
import { Icon } from '../ui/icon.tsx'
import { describeHost } from './describe-host.ts'
import { useLongWait } from './use-long-wait.ts'

/** Most losses are over before anybody could do anything about them. */
const longLossMs = 1500

/** What is known of the host while the connection is away, when the next try begins, and what can be done meanwhile. */
export function ConnectionLost({ model, onLeave }: { model: ViewerModel; onLeave: () => void }) {
  const isLong = useLongWait(true, longLossMs)
  const { hostIsClosing, isHostThere, place } = model
  const isInLobby = place.value?.kind === 'lobby'
  const waiting = model.chat.outbox.value.length
  return (
    <div class="overlay">
      <div class="overlay-card lost">
        <div class="lost-head" role="status">
          <span class="spinner" aria-hidden="true" />
          <div>
            <h2>{model.isBlocked.value ? 'No way through' : 'Connection lost'}</h2>
            {model.isBlocked.value && <p>{model.cause.value}.</p>}
            <p>{describeHost({ isClosing: hostIsClosing.value, isThere: isHostThere.value, isInLobby })}</p>
            {waiting > 0 && <p>{waiting === 1 ? 'One text waits' : `${waiting} texts wait`} to be sent.</p>}
          </div>
        </div>
        {isLong && (
          <p class="lost-next">
            <NextTry model={model} />
          </p>
        )}
        {isLong && (
          <div class="dialog-actions">
            <button type="button" class="button" onClick={onLeave}>
              Back to the lobbies
            </button>
            <button type="button" class="button primary" onClick={() => model.tryNow()}>
              <Icon name="refresh" />
              Try now
            </button>
          </div>
        )}
      </div>
    </div>
  )
}

function NextTry({ model }: { model: ViewerModel }) {
  const nowMs = useSignal(performance.now())
  useEffect(() => {
    const timer = setInterval(() => {
      nowMs.value = performance.now()
    }, 250)
    return () => clearInterval(timer)
  }, [])
  const { nextTryMs } = model
  const leftS = Math.ceil(((nextTryMs.value ?? 0) - nowMs.value) / 1000)
  if (model.status.value !== 'reconnecting' || leftS <= 0) return <>Trying now …</>
  return <>Trying again in {leftS} s</>
}
