/**
 * How long the start of a process keeps the event loop waiting, in a process as large as a server: by Node on the main thread, by Node on a worker
 * thread, and as the server does it. Each starts the same program over and over, beside a loop that touches its memory all the time.
 *
 *     npm run bench start-process [-- --starts 40] [--megabytes 200]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { startProcess } from '../src/os/process/start-process.ts'
import { describeRun } from './support/describe-run.ts'
import { percentiles, table } from './support/figures.ts'

const { values } = parseArgs({
  options: { starts: { type: 'string', default: '40' }, megabytes: { type: 'string', default: '200' } },
})
const starts = Number(values.starts)
const betweenMs = 30
const [program, ...words] = ['/bin/sh', '-c', 'exit 0'] as const

const memory = Array.from({ length: Number(values.megabytes) }, () => new Uint8Array(2 ** 20).fill(1))
let round = 0
const touching = setInterval(() => {
  // A byte of each page: what is shared with a copy has to be copied now.
  const block = memory[round++ % memory.length]
  if (block) for (let at = 0; at < block.length; at += 4096) block[at] = round & 0xff
}, 1)

const worker = new Worker(
  `const { parentPort } = require('node:worker_threads')
   const { spawn } = require('node:child_process')
   parentPort.on('message', ([program, words]) =>
     spawn(program, words, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] }).once('exit', () => parentPort.postMessage('done')))`,
  { eval: true },
)
const ways: readonly [name: string, start: () => Promise<unknown>][] = [
  ['none', () => Promise.resolve()],
  ['Node', () => once(spawn(program, words, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] }), 'exit')],
  [
    'Node on a worker thread',
    () => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- it is a thread and no window
      worker.postMessage([program, words])
      return once(worker, 'message')
    },
  ],
  [
    'as the server does it',
    async () => (await startProcess({ command: [program, ...words], env: {}, pipes: [1, 2] })).exited,
  ],
]

const rows: string[][] = []
for (const [name, start] of ways) {
  // What Node has not compiled yet would count as what starting costs.
  for (let warming = 0; warming < 5; warming++) await start()
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const calls: number[] = []
  const all: number[] = []
  for (let count = 0; count < starts; count++) {
    const startMs = performance.now()
    const started = start()
    calls.push(performance.now() - startMs)
    await started
    all.push(performance.now() - startMs)
    await pause(betweenMs)
  }
  delay.disable()
  const late = [delay.percentile(50), delay.percentile(99), delay.max].map((ns) => (ns / 1e6).toFixed(1)).join(' / ')
  rows.push([name, percentiles(calls, [0.5, 0.95], 2), late, percentiles(all, [0.5, 0.95])])
}
clearInterval(touching)
await worker.terminate()
console.log(`${describeRun()}\n`)
console.log(
  table(
    ['started by', 'the call p50 / p95 ms', 'loop delay p50 / p99 / max ms', 'until it has ended p50 / p95 ms'],
    rows,
  ),
)
