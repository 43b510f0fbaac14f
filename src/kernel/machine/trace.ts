import type { SessionEvent } from '../session/contract/session-event.ts'

/** One thing that happened in a machine. `step` counts instructions from 1, `coroutine` is who ran it. */
export type TraceEntry = { readonly step: number; readonly coroutine: number } & (
  | SessionEvent
  | { readonly type: 'Invoked'; readonly action: string; readonly args: readonly unknown[]; readonly result: unknown }
  | {
      readonly type: 'InvokeFailed'
      readonly action: string
      readonly args: readonly unknown[]
      readonly code: string
      readonly message: string
    }
  | { readonly type: 'Spawned'; readonly child: number }
  | { readonly type: 'Transferred'; readonly sid: number; readonly role: string; readonly to: number }
  | { readonly type: 'Acquired' | 'Released'; readonly layer: string }
  | { readonly type: 'Halted' }
  | { readonly type: 'Failed'; readonly code: string; readonly message: string }
)

/** A trace as text, one JSON object a line: equal runs give equal bytes. */
export function formatTrace(entries: readonly TraceEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
}
