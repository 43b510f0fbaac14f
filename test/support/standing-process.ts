import { execFileSync } from 'node:child_process'
import { open as openInspector, waitForDebugger } from 'node:inspector'
import { silentLog as log } from '../../src/kernel/log.ts'
import { makeOneShot } from '../../src/server/watchdog/one-shot-signals.ts'
import { openWatchdog } from '../../src/server/watchdog/watchdog.ts'

// A process with a watchdog whose main thread stands still: `node standing-process.ts HOW LIMIT_MS`. It prints `stands` before.

const [how = '', limitMs = ''] = process.argv.slice(2)
const signals = ['SIGINT', 'SIGTERM'] as const
for (const signal of signals) process.on(signal, () => console.log(`heard ${signal}`))
await makeOneShot(signals)
openWatchdog({ signals, logLevel: 'info', isTTY: false, log, limitMs: Number(limitMs) })
const ways: Readonly<Record<string, () => void>> = {
  loop: spinForEver,
  native: () => execFileSync('sleep', ['600']),
  pipe: () => {
    // Nobody reads standard error: a write to it does not return.
    for (;;) process.stderr.write('x'.repeat(65_536))
  },
  debugger: () => {
    openInspector(0)
    setTimeout(() => {
      console.log('stands')
      waitForDebugger()
    }, 1500)
  },
  lives: () => void setInterval(() => console.log('lives'), 500),
}
if (how !== 'debugger') console.log('stands')
// Once the watchdog has seen it alive.
setTimeout(() => ways[how]?.(), 1500)

function spinForEver(): void {
  let turns = 0
  for (;;) turns = (turns + 1) | 0
}
