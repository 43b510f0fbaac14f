import type { Log } from '../../kernel/log.ts'
import type { Readable } from '../../kernel/readable.ts'
import type { Size } from '../../domain/size.ts'
import type { RunningApp } from '../run/contract/runner.ts'

/**
 * Starts `run` after each change of size and waits for its end before the next; changes meanwhile make one more run
 * together. Disposing of it ends a run that is still going on.
 */
export function followResizes(size: Readable<Size>, run: () => Promise<RunningApp>, log: Log): AsyncDisposable {
  const stop = new AbortController()
  let changes = 0
  let following: Promise<void> | undefined

  const follow = async () => {
    for (let seen = 0; seen !== changes && !stop.signal.aborted;) {
      seen = changes
      await runOnce(run, stop.signal).catch((error: unknown) => {
        log.warn('What an app does after a change of size has failed', { error })
      })
    }
    following = undefined
    changes = 0
  }
  const unsubscribe = size.subscribe(() => {
    changes++
    following ??= follow()
  })
  return {
    async [Symbol.asyncDispose]() {
      unsubscribe()
      stop.abort()
      await following
    },
  }
}

async function runOnce(run: () => Promise<RunningApp>, signal: AbortSignal): Promise<void> {
  const running = await run()
  const end = () => void running.close('its display is going')
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { once: true })
  await running.closed
  signal.removeEventListener('abort', end)
}
