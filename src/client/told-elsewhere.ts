/** Whoever awaits it gets the error; nobody has to, since events tell it too. */
export function toldElsewhere(done: Promise<void>): Promise<void> {
  done.catch(() => {})
  return done
}
