/** A process for tests of ChildRun: says hello and does what `CHILD_DOES` says. */
import { ParentLink } from '../../src/os/child/parent-link.ts'

const link = new ParentLink({ onFrame() {}, onDrain() {}, onEnd: () => process.exit(0) })
link.greet({ version: Number(process.env['CHILD_VERSION'] ?? '1'), heartbeatPeriodMs: 50, missedHeartbeats: 6 })
setInterval(() => link.beat(), 50)
setTimeout(() => {
  if (process.env['CHILD_DOES'] === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  if (process.env['CHILD_DOES'] === 'crash') process.abort()
  if (process.env['CHILD_DOES'] === 'babble') link.write(Buffer.from([1, 0, 0, 0, 9]))
}, 100)
