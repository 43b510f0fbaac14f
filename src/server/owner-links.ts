import { systemClock } from '../kernel/clock.ts'
import type { Settings } from '../store/settings.ts'
import type { ServerConfig } from './config/config.ts'
import { makeDataDirectory, openDataDirectory } from './files/data-directory.ts'
import { isAtHome } from './occupancy/host-identity.ts'
import { besideServers } from './occupancy/occupy.ts'
import { directoryIdentityOf } from './occupancy/directory-identity.ts'
import { linkWithToken, pageLinks } from './network/page-links.ts'

/** The setting in which a server leaves the addresses of its page, as JSON, for commands that run beside it. */
const linksSetting = 'page-links'

/** Leaves the addresses of the page in the store. May throw a StoreError. */
export function rememberLinks(settings: Settings, links: readonly string[]): void {
  settings.set(linksSetting, JSON.stringify(links))
}

/**
 * Replaces the owner token and returns the new links: with the addresses of the server that ran here last, if one did.
 * Throws ServerError or StoreError.
 */
export function makeOwnerLinks(config: ServerConfig): readonly string[] {
  const { dataDirectory } = config
  makeDataDirectory(dataDirectory)
  return besideServers(dataDirectory, (isOccupied) => {
    // A server of an earlier version that runs would no longer know its own data.
    using store = openDataDirectory(dataDirectory, systemClock, isOccupied ? 'refuse' : 'migrate')
    const isMoved = !isAtHome(store.settings, directoryIdentityOf(dataDirectory))
    const known = isMoved ? undefined : store.settings.get(linksSetting)
    const links = known === undefined ? pageLinks(config, config.port) : (JSON.parse(known) as string[])
    const token = store.ownerToken.replace()
    return links.map((link) => linkWithToken(link, token))
  })
}
