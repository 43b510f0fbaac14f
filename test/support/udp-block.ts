import type { Page } from 'playwright-core'

/** What {@link blockUdp} puts into the page. */
interface UdpBlock {
  open(): void
  cut(): void
}

declare global {
  /** There in the page, not here. */
  var udpBlock: UdpBlock
}

/**
 * Gives the page's peer connections nothing but relays, of which there are none, until `openUdp`. What a real firewall
 * does is measured by `npm run bench -- web-port`.
 */
export function blockUdp(page: Page): Promise<void> {
  return page.evaluate(installBlock)
}

/** The same for pages that this one leads to, from their beginning. */
export async function blockUdpAhead(page: Page): Promise<void> {
  await page.addInitScript(installBlock)
}

/** Runs in the page. */
function installBlock(): void {
  let blocked = true
  const { RTCPeerConnection: Real, dispatchEvent } = globalThis as unknown as {
    RTCPeerConnection: new (configuration?: object) => { getStats(): Promise<unknown> }
    dispatchEvent: (event: Event) => void
  }
  const connections: InstanceType<typeof Real>[] = []
  const inPlace = class extends Real {
    constructor(configuration?: object) {
      super({ ...configuration, ...(blocked && { iceTransportPolicy: 'relay' }) })
      connections.push(this)
    }
  }
  Object.assign(globalThis, { RTCPeerConnection: inPlace })
  globalThis.udpBlock = {
    open() {
      blocked = false
      dispatchEvent(new Event('online'))
    },
    cut() {
      blocked = true
      for (const connection of connections) {
        const last = connection.getStats()
        // One that was closed has no statistics.
        last.catch(() => {})
        connection.getStats = () => last
      }
    },
  }
}

/** Peer connections from now on work, and the page hears that the network is back. */
export function openUdp(page: Page): Promise<void> {
  return page.evaluate(() => udpBlock.open())
}

/** Nothing more seems to come by the peer connections there are, and new ones do not work. */
export function cutUdp(page: Page): Promise<void> {
  return page.evaluate(() => udpBlock.cut())
}

/** Waits until the badge names this path; the direct one is not named. */
export async function untilByPath(page: Page, name: string | undefined): Promise<void> {
  const badge = page.locator('.bar .badge .by')
  if (name === undefined) await badge.waitFor({ state: 'detached' })
  else await badge.filter({ hasText: name }).waitFor({ state: 'attached' })
}
