import { placeFragment } from '../../src/client/index.ts'

/** Where in the page somebody is. The part of the address behind `#` says it, and keeps nothing secret. */
export type Route =
  | { readonly at: 'wall' }
  | { readonly at: 'lobby'; readonly lobbyId: string }
  /** All apps, or one of them. */
  | { readonly at: 'apps'; readonly appId: string | undefined }
  /** All sessions, or one of them. */
  | { readonly at: 'sessions'; readonly sessionId: string | undefined }
  /** The party; with a link of one that is to be joined. */
  | { readonly at: 'party'; readonly link: string | undefined }
  | { readonly at: 'settings' }

/** Reads `#lobby=ID`, `#apps`, `#apps=ID`, `#sessions`, `#sessions=ID`, `#party`, `#party-link=LINK` or `#settings`; anything else is the wall. */
export function parseRoute(hash: string): Route {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''))
  const lobbyId = parameters.get('lobby')
  if (lobbyId) return { at: 'lobby', lobbyId }
  if (parameters.has('apps')) return { at: 'apps', appId: parameters.get('apps') || undefined }
  if (parameters.has('sessions')) return { at: 'sessions', sessionId: parameters.get('sessions') || undefined }
  if (parameters.has('party-link')) return { at: 'party', link: parameters.get('party-link') || undefined }
  if (parameters.has('party')) return { at: 'party', link: undefined }
  return parameters.has('settings') ? { at: 'settings' } : { at: 'wall' }
}

/** The fragment that leads to a route, with its `#`; empty for the wall. */
export function routeFragment(route: Route): string {
  switch (route.at) {
    case 'wall':
      return ''
    case 'lobby':
      return placeFragment(route.lobbyId)
    case 'apps':
      return fragmentOf('apps', route.appId)
    case 'sessions':
      return fragmentOf('sessions', route.sessionId)
    case 'party':
      return route.link === undefined ? '#party' : fragmentOf('party-link', route.link)
    case 'settings':
      return '#settings'
  }
}

function fragmentOf(name: string, id: string | undefined): string {
  return id === undefined ? `#${name}` : `#${new URLSearchParams({ [name]: id })}`
}
