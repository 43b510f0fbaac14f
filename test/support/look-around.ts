import assert from 'node:assert/strict'
import type { ViewerPage } from './viewer-page.ts'

/** What a view must have whatever it shows: nothing in the console, a name for every control, no scrolling sideways. */
export async function lookAround({ page, complaints }: ViewerPage, where: string): Promise<void> {
  assert.deepEqual(complaints, [], where)
  const snapshot = await page.locator('body').ariaSnapshot()
  const nameless = snapshot.match(/^\s*- (button|link|textbox|combobox|slider|checkbox|radio|img)(?! ["'/])\b.*$/gm)
  assert.deepEqual(nameless ?? [], [], where)
  const isTooWide = await page.locator('html').evaluate((html) => {
    const { scrollWidth, clientWidth } = html as unknown as { scrollWidth: number; clientWidth: number }
    return scrollWidth > clientWidth
  })
  assert.ok(!isTooWide, `${where} scrolls sideways`)
}
