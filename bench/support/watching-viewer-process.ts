/**
 * A viewer in a process of its own, wherever in a lab: `porchlight view --headless` without its command line, which tells when each picture
 * came, by which path, and how many conversations there were. It ends with its parent; see watching-viewer.ts.
 */
import { systemClock } from '../../src/kernel/clock.ts'
import { NativeHost } from '../../src/view/host/native-host.ts'
import { reachOf } from '../../src/net/reach/reach.ts'
import { openHeadlessViewer } from '../../src/view/watch/headless-viewer.ts'
import { monotonicMs, type ViewerReport, type ViewerStart } from './watching-viewer.ts'

const reportMs = 50
const { link, directory, name, probesByBirthday = false } = JSON.parse(process.argv[2] ?? '{}') as ViewerStart
process.once('disconnect', () => process.exit(0))

const beganMs = monotonicMs()
const host = await NativeHost.open({ link, directory, name, device: name, probesByBirthday })
let pictures: ViewerReport['pictures'][number][] = []
host.tap({
  picture: ({ captureUs }) => void pictures.push({ captureMs: captureUs / 1000, atMs: monotonicMs() }),
  sound() {},
})
const states: string[] = []
openHeadlessViewer({ host, clock: systemClock, onState: (state) => states.push(state) })
const channels = new Set<object>()
systemClock.every(reportMs, () => {
  const visit = host.visits.at(-1)
  if (visit) channels.add(visit)
  const report: ViewerReport = {
    beganMs,
    pictures,
    path: visit?.channel.link.way,
    explanation: visit && reachOf(visit.channel.link.path)?.explanation,
    conversations: channels.size,
    states: states.splice(0),
  }
  pictures = []
  process.send?.(report)
})
