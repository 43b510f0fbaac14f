import { parentPort, workerData } from 'node:worker_threads'
import type { FilterInstruction } from './packet-filter.ts'
import { CapturingSocket } from './raw-sockets.ts'

/** What the thread is started with. */
export interface CaptureData {
  readonly filter: readonly FilterInstruction[]
  /** Not zero: it is to end. */
  readonly stop: Int32Array
}

/** How long it may take until it notices that. */
const patienceMs = 200

/** Hears packets and says each of them: standing still for the next one would hold up everything else of the program. */
function capture({ filter, stop }: CaptureData): void {
  const port = parentPort
  if (!port) throw new Error('Captures broadcasts in a thread of its own only')
  using socket = new CapturingSocket(filter, patienceMs)
  port.postMessage('ready')
  while (Atomics.load(stop, 0) === 0) {
    const bytes = socket.receive()
    if (bytes) port.postMessage(bytes)
  }
}

capture(workerData as CaptureData)
