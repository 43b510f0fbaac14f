import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

/** Faults that keep somebody out, or nearly; axe knows lesser ones too. */
const grave: ReadonlySet<string> = new Set(['serious', 'critical'])

/** Animations of this page take less. */
const settledMs = 3000
const colourRules = ['color-contrast', 'link-in-text-block']

/**
 * What axe finds wrong with a page as it is shown now, one line for each element that has a grave fault. In another colour scheme only
 * what depends on colours can be another thing.
 */
export async function findFaults(page: Page, rules: 'all' | 'of colours' = 'all'): Promise<string[]> {
  // Evaluated by the debugger: the page's own policy allows no script from elsewhere.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe.source)
  // What is still on its way in has not yet the colours that it will have; what stands still on its way is looked at as it is.
  await page.evaluate(`Promise.race([
    new Promise((resolve) => setTimeout(resolve, ${settledMs})),
    Promise.all(document.getAnimations().filter((each) => each.effect?.getTiming().iterations !== Infinity).map((each) => each.finished.catch(() => {}))),
  ])`)
  const options = {
    resultTypes: ['violations'],
    ...(rules === 'of colours' && { runOnly: { type: 'rule', values: colourRules } }),
  }
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`)
  return violations
    .filter(({ impact }) => grave.has(impact ?? ''))
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary ?? ''}`),
    )
}
