import type { Page } from 'playwright-core'
import { buildInPage } from './in-page-script.ts'

/** A client of the system of seed 003, in a page; in-page/install-seed-client.ts puts it there. */
export interface SeedClient {
  /** Connects, with the id of the session before if there was one. Resolves with an open channel. */
  connect(url: string): Promise<void>
  addMicrophone(): Promise<void>
  removeMicrophone(): Promise<void>
  /** On its own channel. */
  say(text: string): void
  /** On the signalling socket. */
  send(message: object): void
  facts(): Promise<SeedClientFacts>
}

export interface SeedClientFacts {
  /** As `ready` gave it; undefined before. */
  readonly sessionId: string | undefined
  /** The connection stands, with its channel open. */
  readonly connected: boolean
  readonly socketOpen: boolean
  /** Answers to `reconnect`, oldest first. */
  readonly acknowledged: readonly { readonly success: boolean; readonly historyRecovered: boolean }[]
  readonly pongs: number
  /** Codes of what could not be done. */
  readonly errors: readonly string[]
  /** Packets of sound that came by the present connection. */
  readonly soundPackets: number
  /** Of each offer, oldest first. */
  readonly ufrags: readonly string[]
}

declare global {
  /** There in the page, not here. */
  var seedClient: SeedClient | undefined
}

/**
 * Puts a client into the page that knows nothing but seed 003: a data channel of its own and nothing else in the first offer,
 * candidates in the offer, sound by a later offer on the same connection, and the id that `ready` gave it to come back with.
 */
export async function openSeedClient(page: Page) {
  const program = await buildInPage(new URL('in-page/install-seed-client.ts', import.meta.url))
  await page.evaluate(`(() => { ${program} })()`)
  return {
    facts: () => page.evaluate(() => seedClient?.facts() as Promise<SeedClientFacts>),
    connect: (url: string) => page.evaluate((address) => seedClient?.connect(address), url),
    addMicrophone: () => page.evaluate(() => seedClient?.addMicrophone()),
    removeMicrophone: () => page.evaluate(() => seedClient?.removeMicrophone()),
    say: (text: string) => page.evaluate((words) => seedClient?.say(words), text),
    send: (message: object) => page.evaluate((said) => seedClient?.send(said), message),
  }
}
