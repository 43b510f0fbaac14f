/** Where a viewer's connection is. Times in microseconds. */
export type ViewerState =
  /** The offer came; ICE and DTLS are under way. */
  | { readonly phase: 'connecting'; readonly offeredUs: number }
  /** Media is sent; nothing has come back yet. */
  | { readonly phase: 'open'; readonly offeredUs: number; readonly openedUs: number }
  /** The other end reports on what it gets. */
  | { readonly phase: 'flowing'; readonly heardUs: number }
  /** It has said nothing for a while: pictures are held back until it does. */
  | { readonly phase: 'silent'; readonly heardUs: number }
  /** It never came about. */
  | { readonly phase: 'failed'; readonly reason: string }

export interface ViewerEvent {
  /** `opened`: media can be sent. `heard`: RTCP came. `tick`: time passed. */
  readonly type: 'opened' | 'heard' | 'tick'
  readonly nowUs: number
}

/** ICE and DTLS have to be through by then. */
export const handshakeLimitUs = 20_000_000
/** A browser that gets packets reports on them within a second; one that does not gets none. */
export const firstReportLimitUs = 4_000_000
/** Browsers report about once a second, whatever happens. */
export const silenceLimitUs = 3_000_000

/** The one transition function; the same object comes back when nothing changes but the time. */
export function next(state: ViewerState, { type, nowUs }: ViewerEvent): ViewerState {
  switch (state.phase) {
    case 'connecting':
      if (type === 'opened') return { phase: 'open', offeredUs: state.offeredUs, openedUs: nowUs }
      if (nowUs - state.offeredUs <= handshakeLimitUs) return state
      return { phase: 'failed', reason: 'No connection came about' }
    case 'open':
      if (type === 'heard') return { phase: 'flowing', heardUs: nowUs }
      if (nowUs - state.openedUs <= firstReportLimitUs) return state
      return { phase: 'failed', reason: 'The connection carried nothing back' }
    case 'flowing':
      if (type === 'heard') return { phase: 'flowing', heardUs: nowUs }
      return nowUs - state.heardUs > silenceLimitUs ? { phase: 'silent', heardUs: state.heardUs } : state
    case 'silent':
      return type === 'heard' ? { phase: 'flowing', heardUs: nowUs } : state
    case 'failed':
      return state
  }
}
