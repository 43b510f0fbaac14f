import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../kernel/clock.ts'
import type { RelayNews } from './relay-core.ts'
import { openRelayWorker, type RelaySettings, type RelayStatus } from './relay-worker.ts'

/** From a worker in a thread of its own to who opened it, and back. */
export type FromRelayThread =
  | { readonly type: 'open'; readonly port: number }
  | { readonly type: 'news'; readonly news: RelayNews }
  | { readonly type: 'status'; readonly status: RelayStatus }
  | { readonly type: 'recording'; readonly end: string; readonly recording: string }
  | { readonly type: 'closed' }
export type ToRelayThread = { readonly type: 'news'; readonly news: RelayNews } | { readonly type: 'close' }

const statusMs = 1000

const port = parentPort
if (port) {
  const say = (message: FromRelayThread) => port.postMessage(message)
  const worker = await openRelayWorker(workerData as RelaySettings, {
    clock: systemClock,
    tell: (news) => say({ type: 'news', news }),
    keepRecording: (end, recording) => say({ type: 'recording', end, recording }),
  })
  const timer = systemClock.every(statusMs, () => say({ type: 'status', status: worker.status() }))
  port.on('message', (message: ToRelayThread) => {
    if (message.type === 'news') return worker.learn(message.news)
    timer.cancel()
    void worker.close().then(() => {
      say({ type: 'closed' })
      port.close()
    })
  })
  say({ type: 'open', port: worker.port })
}
