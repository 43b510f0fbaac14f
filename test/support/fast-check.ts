import * as fastCheck from 'fast-check'

export * from 'fast-check'

/**
 * Property tests import fast-check from here. Unless somebody hunts, all properties are checked on the cases of one stated seed: what
 * passed once passes again, and a rare case refuses no change that has nothing to do with it. A hunt takes other cases, and more of them:
 * `npm test -- --seed random --runs 50` (see CONTRIBUTING.md).
 */
const usualSeed = 20_260_501

/** What the environment asks for; `npm test` passes its options on in it. */
const seed = numberFrom('PORCHLIGHT_PROPERTY_SEED') ?? usualSeed
const times = numberFrom('PORCHLIGHT_PROPERTY_RUNS') ?? 1
const shrinks = (numberFrom('PORCHLIGHT_PROPERTY_SHRINK') ?? 0) !== 0

/**
 * As fast-check's `assert`, with the seed and the number of runs that the environment asks for. A failure names the case that failed and
 * how to find the smallest one, which is looked for only when asked, since that may take minutes.
 */
export function assert<Ts>(property: fastCheck.IAsyncProperty<Ts>, parameters?: fastCheck.Parameters<Ts>): Promise<void>
export function assert<Ts>(property: fastCheck.IProperty<Ts>, parameters?: fastCheck.Parameters<Ts>): void
export function assert<Ts>(
  property: fastCheck.IProperty<Ts> | fastCheck.IAsyncProperty<Ts>,
  parameters: fastCheck.Parameters<Ts> = {},
): Promise<void> | void {
  const asked: fastCheck.Parameters<Ts> = {
    seed,
    endOnFailure: !shrinks,
    ...parameters,
    numRuns: (parameters.numRuns ?? 100) * times,
  }
  if (!property.isAsync()) return fastCheck.assert(property as fastCheck.IProperty<Ts>, { ...asked, reporter })
  return fastCheck.assert(property as fastCheck.IAsyncProperty<Ts>, {
    ...asked,
    asyncReporter: async (run) => reporter(run),
  })
}

/** Throws for a property that failed. */
function reporter<Ts>(run: fastCheck.RunDetails<Ts>): void {
  if (!run.failed) return
  const more = times > 1 ? ` --runs ${times}` : ''
  const again = `npm test -- PART-OF-THE-FILES-NAME --seed ${run.seed}${more}`
  const smallest = shrinks ? '' : `\nThe smallest case that fails: ${again} --shrink`
  throw new Error(`${fastCheck.defaultReportMessage(run)}\n\nThe same again: ${again}${smallest}`, {
    cause: run.errorInstance,
  })
}

function numberFrom(name: string): number | undefined {
  const text = process.env[name]
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  if (!Number.isInteger(value)) throw new Error(`Cannot take ${name} "${text}": a whole number is wanted`)
  return value
}
