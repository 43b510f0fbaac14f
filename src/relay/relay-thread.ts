import { parentPort, workerData } from 'node:worker_threads'
import type { RelayNews } from './relay-core.ts'
import { openRelayWorker, type RelaySettings } from './relay-worker.ts'
import { SharedStatus } from './shared-status.ts'

/** From a worker in a thread of its own to who opened it, and back. */
export type FromRelayThread =
  | { readonly type: 'open'; readonly port: number }
  | { readonly type: 'news'; readonly news: RelayNews }
  | { readonly type: 'recording'; readonly end: string; readonly recording: string }
  | { readonly type: 'closed' }
export type ToRelayThread = { readonly type: 'news'; readonly news: RelayNews } | { readonly type: 'close' }

/** All that a thread is told at its start. */
export interface RelayThreadData {
  readonly settings: RelaySettings
  /** Of its {@link SharedStatus}. */
  readonly status: SharedArrayBuffer
}

const port = parentPort
if (port) {
  const say = (message: FromRelayThread) => port.postMessage(message)
  const { settings, status } = workerData as RelayThreadData
  const shared = new SharedStatus(status)
  const worker = await openRelayWorker(settings, {
    tell: (news) => say({ type: 'news', news }),
    keepRecording: (end, recording) => say({ type: 'recording', end, recording }),
    onStatus: (each) => shared.write(each),
  })
  port.on('message', (message: ToRelayThread) => {
    if (message.type === 'news') return worker.learn(message.news)
    void worker.close().then(() => {
      say({ type: 'closed' })
      port.close()
    })
  })
  say({ type: 'open', port: worker.port })
}
