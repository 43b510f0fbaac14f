import type { SilenceRule } from '../contract/viewer-wire.ts'
/** Where a viewer's connection is. Times in microseconds. */
export type ViewerState =
  /** The two ends are finding each other. */
  | { readonly phase: 'connecting'; readonly startedUs: number }
  /** Media is sent; nothing has come back yet. */
  | { readonly phase: 'open'; readonly startedUs: number; readonly openedUs: number; readonly owedSinceUs: number }
  /** The other end reports on what it gets. */
  | { readonly phase: 'flowing'; readonly heardUs: number }
  /** It has said nothing for a while: pictures are held back until it does. */
  | { readonly phase: 'silent'; readonly heardUs: number }
  /** It never came about. */
  | { readonly phase: 'failed'; readonly reason: string }
  /** The other end is gone. */
  | { readonly phase: 'lost'; readonly reason: string }

export interface ViewerEvent {
  /**
   * `opened`: media can be sent. `heard`: something came. `tick`: time passed, and the other end has something to say. `idle`: time passed,
   * and it has not.
   */
  readonly type: 'opened' | 'heard' | 'tick' | 'idle'
  readonly nowUs: number
}

/** The one transition function; the same object comes back when nothing changes. */
export function next(state: ViewerState, { type, nowUs }: ViewerEvent, rule: SilenceRule): ViewerState {
  switch (state.phase) {
    case 'connecting': {
      const { startedUs } = state
      if (type === 'opened') return { phase: 'open', startedUs, openedUs: nowUs, owedSinceUs: nowUs }
      if (nowUs - startedUs <= rule.openWithinMs * 1000) return state
      return { phase: 'failed', reason: 'No connection came about' }
    }
    case 'open':
      if (type === 'heard') return { phase: 'flowing', heardUs: nowUs }
      if (type === 'idle') return { ...state, owedSinceUs: nowUs }
      if (nowUs - state.owedSinceUs <= rule.answerWithinMs * 1000) return state
      return { phase: 'failed', reason: 'The connection carried nothing back' }
    case 'flowing':
      if (type === 'heard' || type === 'idle') return { phase: 'flowing', heardUs: nowUs }
      if (nowUs - state.heardUs <= rule.limitMs * 1000) return state
      if (rule.outcome === 'hold') return { phase: 'silent', heardUs: state.heardUs }
      return { phase: 'lost', reason: 'The client takes nothing any more' }
    case 'silent':
      return type === 'heard' ? { phase: 'flowing', heardUs: nowUs } : state
    case 'failed':
    case 'lost':
      return state
  }
}
