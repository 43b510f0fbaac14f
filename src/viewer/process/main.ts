/**
 * The viewer process: everything that strangers send by UDP is parsed here, in native code and otherwise, so that what
 * dies or hangs of it takes nothing else with it. It is started by openViewerProcess, takes orders and units on descriptor
 * 3 and ends when that is closed.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../../kernel/coded-error.ts'
import { ConversationMonitor } from '../../kernel/monitor/conversation.ts'
import { receiver, typedReceiver } from '../../kernel/monitor/conversation-peer.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import type { TypedMonitor, WordsOf } from '../../kernel/monitor/typed-conversation.ts'
import { monotonicClock, monotonicUs } from '../../media/contract/monotonic.ts'
import { violation } from '../../os/child/child-error.ts'
import { controlType, decodeControl, encodeControl } from '../../os/child/frame.ts'
import { ParentLink } from '../../os/child/parent-link.ts'
import { processPlan, viewerProcess } from '../link/conversation.ts'
import { parseOrder, shortened, type Order, type Report } from '../link/messages.ts'
import {
  audioType,
  decodeAudio,
  decodeMessage,
  decodePacket,
  decodePointers,
  decodeStream,
  decodeVideo,
  messageType,
  packetType,
  pointersType,
  streamType,
  videoType,
} from '../link/protocol.ts'
import { vital } from '../link/vital.ts'
import { SpinDetector } from './spin-detector.ts'
import { Tally } from './tally.ts'
import { ViewerService } from './viewer-service.ts'

/** Ending in order takes a few milliseconds; what takes longer hangs. */
const goodbyeMs = 500
const spinLookMs = 200
/** A server that does not read so much has stopped. */
const mostWaitingBytes = 8 * 1024 * 1024

run()

function run(): void {
  const tallies = { webrtc: new Tally('webrtc'), moonlight: new Tally('moonlight'), native: new Tally('native') }
  const watch: TypedMonitor<typeof viewerProcess, 'process'> = new ConversationMonitor(processPlan)
  const report = (message: Report) => write(message.type, encodeControl(message))
  const write = (label: keyof WordsOf<typeof viewerProcess, 'process'>, frame: Uint8Array) => {
    watch.sent(label)
    link.write(frame)
    if (link.waitingBytes > mostWaitingBytes) process.exit(1)
  }
  const failed = (error: unknown) => {
    report({ type: 'log', level: 'error', message: shortened(`An order failed: ${messageOf(error)}`) })
  }
  const service = new ViewerService({
    tallies,
    clock: monotonicClock,
    random32: () => randomBytes(4).readUInt32LE(),
    report,
    write,
    failed,
  })
  const { handlers } = service
  const receive = receiver(viewerProcess, 'process', watch, handlers)
  const obey = typedReceiver(viewerProcess, 'process', watch, handlers) as (order: Order) => void
  /** What cannot be done is told; what may not be asked ends the process. */
  const carryOut = (order: Order) => {
    try {
      obey(order)
    } catch (error) {
      if (error instanceof ProtocolViolation) throw error
      failed(error)
    }
  }
  const end = async (code: number) => {
    await Promise.race([service.close(), delay(goodbyeMs)])
    process.exit(code)
  }
  const link = new ParentLink({
    onFrame(type, body) {
      if (type === videoType) receive('video', decodeVideo(body))
      else if (type === audioType) receive('audio', decodeAudio(body))
      else if (type === pointersType) receive('pointers', decodePointers(body))
      else if (type === messageType) receive('message', decodeMessage(body))
      else if (type === packetType) receive('packet', decodePacket(body))
      else if (type === streamType) receive('stream', decodeStream(body))
      else if (type === controlType) carryOut(parseOrder(decodeControl(body)))
      else throw violation(`a frame of type ${type} came from the server`)
    },
    onDrain() {},
    onEnd: (error) => void end(error ? 1 : 0),
  })
  link.greet(vital)
  setInterval(() => {
    link.beat()
    for (const tally of Object.values(tallies)) {
      const told = tally.take()
      if (told) report(told)
    }
  }, vital.heartbeatPeriodMs)

  const spins = new SpinDetector()
  setInterval(() => {
    const spunSeconds = spins.look()
    if (spunSeconds === 0) return
    const viewers = service.silentSince(monotonicUs() - spunSeconds * 1_000_000)
    // Whoever makes a thread spin is not heard any more; while all are, it is only busy.
    if (viewers.length === 0) return
    report({ type: 'stuck', viewers })
    // An orderly end would wait for what has hung; the report is on its way, or else nobody reads it.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 20)
  }, spinLookMs)
}
