import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Takes off the folder that a proxy has the page in, where the proxy leaves it on: `/play/api/v1/me` is `/api/v1/me` here.
 * `addresses` are those of the page, `https://example.org/play` for instance; those without a folder have nothing to take off.
 */
export function openBasePaths(addresses: readonly string[]): {
  /** Changes the request's address to the one without. */
  strip(request: Pick<IncomingMessage, 'url'>): void
  /** Answers who asks for the folder by its name alone: what a page loads is below it. True when that was it. */
  redirect(request: Pick<IncomingMessage, 'url' | 'method'>, response: ServerResponse): boolean
} {
  const folders = [...new Set(addresses.map((address) => new URL(address).pathname.replace(/\/+$/, '')))].filter(
    (folder) => folder !== '',
  )
  return {
    strip(request) {
      const { url = '/' } = request
      const folder = folders.find((each) => url.startsWith(`${each}/`))
      if (folder !== undefined) request.url = url.slice(folder.length)
    },
    redirect({ url, method }, response) {
      if (url === undefined || !folders.includes(url) || (method !== 'GET' && method !== 'HEAD')) return false
      response.writeHead(308, { Location: `${url}/`, 'Content-Length': 0 }).end()
      return true
    },
  }
}
