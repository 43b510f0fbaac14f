import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as StreamWithStopModule from '../../examples/protocols/stream-with-stop.ts'
import type * as CompileProtocolModule from '../../src/kernel/machine/compile-protocol.ts'
import type * as MachineModule from '../../src/kernel/machine/machine.ts'
import type * as ManualClockModule from '../../src/kernel/manual-clock.ts'
import type * as ConversationMonitorModule from '../../src/kernel/monitor/conversation-monitor.ts'
import type * as ConversationPlanModule from '../../src/kernel/monitor/conversation-plan.ts'
import type * as EdgeModule from '../../src/kernel/session/edge.ts'
import type * as SessionStoreModule from '../../src/kernel/session/session-store.ts'
import type * as SignalProtocolModule from '../../src/wire/signal/protocol.ts'

/**
 * What the typed sessions of one checkout cost, as one line of JSON: a message through the monitor of the signalling wire,
 * steps of a machine, and an open session. A process of its own, so that two checkouts can be measured in turn.
 *
 *     node --expose-gc bench/kernel/kernel-costs.ts CHECKOUT
 */
const checkout = resolve(process.argv[2] ?? '.')

/** A module of the checkout; the first of these paths that it has. Its types are those of this checkout. */
async function load<T>(...paths: readonly string[]): Promise<T> {
  const failures: unknown[] = []
  for (const path of paths) {
    try {
      return (await import(pathToFileURL(join(checkout, 'src', path)).href)) as T
    } catch (error) {
      failures.push(error)
    }
  }
  throw new AggregateError(failures, `${checkout} has none of ${paths.join(', ')}`)
}

function missing(what: string): never {
  throw new Error(`${checkout} has no ${what}`)
}

const { streamWithStop } = await load<typeof StreamWithStopModule>('../examples/protocols/stream-with-stop.ts')
const { compileProtocol } = await load<typeof CompileProtocolModule>('kernel/machine/compile-protocol.ts')
// Older checkouts call it just that.
const machines = await load<Record<string, typeof MachineModule.ProtocolMachine>>('kernel/machine/machine.ts')
const ProtocolMachine = machines['ProtocolMachine'] ?? machines['Machine'] ?? missing('protocol machine')
const { ManualClock } = await load<typeof ManualClockModule>('kernel/manual-clock.ts')
const { SessionStore } = await load<typeof SessionStoreModule>('kernel/session/session-store.ts')
const { passThrough } = await load<typeof EdgeModule>('kernel/session/edge.ts')
const { planConversation } = await load<Pick<typeof ConversationPlanModule, 'planConversation'>>(
  'kernel/monitor/conversation-plan.ts',
  'kernel/monitor/conversation.ts',
)
const { ConversationMonitor } = await load<Pick<typeof ConversationMonitorModule, 'ConversationMonitor'>>(
  'kernel/monitor/conversation-monitor.ts',
  'kernel/monitor/conversation.ts',
)
const { signalling } = await load<typeof SignalProtocolModule>('wire/signal/protocol.ts')

/** Time of the processor, so that other programs on the machine count for little. */
function processorUs(): number {
  return process.cpuUsage().user + process.cpuUsage().system
}

/** Nanoseconds a message: twelve of them, over and over, that every version of the wire allows. */
function monitorNs(): number {
  const monitor = new ConversationMonitor(planConversation(signalling, 'host'))
  monitor.sent('ready')
  monitor.received('offer')
  monitor.sent('signal')
  const calls = 1_000_000
  const startUs = processorUs()
  for (let call = 0; call < calls; call++) {
    monitor.received('ping')
    monitor.sent('pong')
    monitor.received('join')
    monitor.received('limit')
    monitor.received('leave')
    monitor.sent('stats')
  }
  return (1000 * (processorUs() - startUs)) / (6 * calls)
}

/** Steps a second of so many streaming pairs. */
function stepsPerS(pairs: number): number {
  const machine = new ProtocolMachine({
    program: compileProtocol(streamWithStop),
    handlers: { edge: passThrough },
    actions: { decide: () => 'more', produce: (label) => (label === 'item' ? 1 : undefined), consume: () => undefined },
    scheduler: 'round-robin',
    seed: 1,
  })
  for (let pair = 0; pair < pairs; pair++) machine.spawn(0)
  machine.run(100_000)
  const startUs = processorUs()
  machine.run(1_000_000)
  return 1e12 / (processorUs() - startUs)
}

function bytesPerSession(): number {
  const store = new SessionStore({ clock: new ManualClock(), maxSessions: 200_000 })
  const open = () =>
    store.open({
      protocol: streamWithStop.name,
      roles: streamWithStop.roles,
      localTypes: [streamWithStop.locals.source, streamWithStop.locals.sink],
      owners: [1, 2],
      handlers: new Map([
        ['source->sink', passThrough],
        ['sink->source', passThrough],
      ]),
    })
  open()
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  for (let session = 0; session < 100_000; session++) open()
  globalThis.gc?.()
  return (process.memoryUsage().heapUsed - before) / 100_000
}

monitorNs()
process.stdout.write(
  `${JSON.stringify({
    monitorNs: Math.min(...Array.from({ length: 3 }, monitorNs)),
    stepsPerS: Math.max(...Array.from({ length: 2 }, () => stepsPerS(1))),
    stepsOfManyPerS: stepsPerS(1000),
    bytesPerSession: bytesPerSession(),
  })}\n`,
)
