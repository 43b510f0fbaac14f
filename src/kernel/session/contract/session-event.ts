/** Where a typed session is in its life (seed 004). */
export type SessionStatus =
  | { readonly kind: 'active' }
  /** Somebody is done and has closed: the others come to their ends, and what is under way is still delivered. */
  | { readonly kind: 'draining' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'cancelled'; readonly reason: string }
  | { readonly kind: 'faulted'; readonly reason: string }

/**
 * What can be observed of typed sessions. For one step the order is fixed: `Chose` before the `Sent` of its message,
 * `Resized` after the `Sent` that made it so, `Received` before the `Offered` that took it, `Closed` (`Cancelled`,
 * `Faulted`) before `EpochAdvanced`.
 */
export type SessionEvent =
  | { readonly type: 'Opened'; readonly sid: number; readonly epoch: number; readonly roles: readonly string[] }
  | MessageEvent<'Chose' | 'Sent' | 'Received' | 'Offered'>
  /** A role is lost: those who wait for it go on with the branch that their types have for it. */
  | { readonly type: 'Lost'; readonly sid: number; readonly epoch: number; readonly role: string }
  /** `to` has waited for `from` as long as its type says, and goes on without what would have come. */
  | {
      readonly type: 'Late'
      readonly sid: number
      readonly epoch: number
      readonly from: string
      readonly to: string
    }
  /** An edge under `resize` has grown to this capacity. */
  | {
      readonly type: 'Resized'
      readonly sid: number
      readonly epoch: number
      readonly from: string
      readonly to: string
      readonly capacity: number
    }
  /**
   * When the time to drain was over, `undelivered` counts messages that were still under way, and `unfinished` names the
   * roles that had not come to their end. Both are empty when the session ended by itself.
   */
  | {
      readonly type: 'Closed'
      readonly sid: number
      readonly epoch: number
      readonly undelivered: number
      readonly unfinished: readonly string[]
    }
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
