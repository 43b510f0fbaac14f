import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

/** Faults that keep somebody out, or nearly; axe knows lesser ones too. */
const grave: ReadonlySet<string> = new Set(['serious', 'critical'])

/** What axe finds wrong with a page as it is shown now, one line for each element that has a grave fault. */
export async function findFaults(page: Page): Promise<string[]> {
  // Evaluated by the debugger: the page's own policy allows no script from elsewhere.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe.source)
  // What is still on its way in has not yet the colours that it will have.
  await page.evaluate(
    'Promise.all(document.getAnimations().filter((each) => each.effect?.getTiming().iterations !== Infinity).map((each) => each.finished.catch(() => {})))',
  )
  const { violations } = await page.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })")
  return violations
    .filter(({ impact }) => grave.has(impact ?? ''))
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary ?? ''}`),
    )
}
