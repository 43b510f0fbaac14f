/** For errors that somebody else's function threw: reports them as uncaught, after the present task and without ending it. */
export function reportUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
