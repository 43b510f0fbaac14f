/** Where a typed session is in its life (seed 004). */
export type SessionStatus =
  | { readonly kind: 'active' }
  /** Closing: nothing more is sent, what is under way is still delivered. */
  | { readonly kind: 'draining' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'cancelled'; readonly reason: string }
  | { readonly kind: 'faulted'; readonly reason: string }

/**
 * What can be observed of typed sessions. For one step the order is fixed: `Chose` before the `Sent` of its message,
 * `Received` before the `Offered` that took it, `Closed` (`Cancelled`, `Faulted`) before `EpochAdvanced`.
 */
export type SessionEvent =
  | { readonly type: 'Opened'; readonly sid: number; readonly epoch: number; readonly roles: readonly string[] }
  | MessageEvent<'Chose' | 'Sent' | 'Received' | 'Offered'>
  /** `undelivered` counts messages that were still under way when the time to drain was over. */
  | { readonly type: 'Closed'; readonly sid: number; readonly epoch: number; readonly undelivered: number }
  | { readonly type: 'Cancelled'; readonly sid: number; readonly epoch: number; readonly reason: string }
  | { readonly type: 'Faulted'; readonly sid: number; readonly epoch: number; readonly reason: string }
  | { readonly type: 'EpochAdvanced'; readonly sid: number; readonly epoch: number }

interface MessageEvent<Type extends string> {
  readonly type: Type
  readonly sid: number
  readonly epoch: number
  readonly from: string
  readonly to: string
  readonly label: string
}
