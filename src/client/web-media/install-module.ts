/**
 * Runs a function, which uses nothing from outside, in the audio worklet of a context, to which it travels as its own text. Rejects
 * where the page forbids that: a content security policy with no `blob:` among its scripts does.
 */
export async function installModule(
  context: BaseAudioContext,
  install: (scope: never, name: string) => void,
  name: string,
): Promise<void> {
  const text = `(${install.toString()})(globalThis, ${JSON.stringify(name)})`
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
  try {
    await context.audioWorklet.addModule(url)
  } finally {
    URL.revokeObjectURL(url)
  }
}
