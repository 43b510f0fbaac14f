/**
 * The media process: captures and encodes, so that native code that dies or hangs takes nothing else with it. It is
 * started by openMediaProcess, takes orders on descriptor 3 and ends when that is closed.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '../../kernel/clock.ts'
import { EncoderCatalogue } from './encode/encoder-catalogue.ts'
import { FfmpegLog } from './ffmpeg/ffmpeg-log.ts'
import { MediaService } from './media-service.ts'
import { ServerLink } from './server-link.ts'
import { StallDetector } from './pacing/stall-detector.ts'
import { vital } from '../link/vital.ts'

/** Ending in order takes a few milliseconds; what takes longer hangs. */
const goodbyeMs = 500

await run()

async function run(): Promise<void> {
  let service: MediaService | undefined
  const end = async (code: number) => {
    await Promise.race([service?.close(), delay(goodbyeMs)])
    process.exit(code)
  }
  const link = new ServerLink({
    onRelief: () => service?.relieve(),
    onEnd: (error) => void end(error ? 1 : 0),
  })
  const stalls = new StallDetector()
  setInterval(() => {
    // An orderly end would wait for what has hung.
    if (stalls.tick()) process.kill(process.pid, 'SIGKILL')
    link.beat()
  }, vital.heartbeatPeriodMs)

  const log = new FfmpegLog((message) => link.report({ type: 'log', level: 'debug', message: message.slice(0, 500) }))
  const catalogue = await EncoderCatalogue.probe(log)
  link.report({ type: 'encoders', encoders: [...catalogue.reports] })
  service = new MediaService({ catalogue, link, stalls, clock: systemClock })
  link.on(service.handlers)
}
