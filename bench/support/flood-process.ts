/** Floods in a process of its own, as told by its parent, with which it ends; see flooding.ts. */
import { floodKinds } from '../flood/kinds.ts'
import type { FloodOrder } from './flooding.ts'

process.once('disconnect', () => process.exit(0))
// What a server that is flooded does to those who flood it is no fault of theirs.
process.on('uncaughtException', (error) => console.error('A flood stumbled:', error.message))
process.on('message', ({ kind, target, durationMs }: FloodOrder) => {
  void floodKinds[kind](target, AbortSignal.timeout(durationMs)).then(
    (sent) => process.send?.(sent),
    (error: unknown) => process.send?.(`failed: ${String(error)}`),
  )
})
