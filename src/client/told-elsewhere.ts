/** Whoever awaits it gets the error; nobody has to, since events tell it too. */
export function toldElsewhere(done: Promise<void>): Promise<void> {
  done.catch(() => {})
  return done
}

/** Settled by what becomes of a start. */
export function newStart(): PromiseWithResolvers<void> {
  const started = Promise.withResolvers<void>()
  void toldElsewhere(started.promise)
  return started
}
