import { readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { isKnown } from './entity-tag.ts'

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/** Names of the build's hashed files: their contents never change. */
const hashedName = /^assets\/.+-[\w-]{8,}\.\w+$/

/** The client, which pages of other origins may load as well: it holds no secret. */
const clientName = 'client.js'
const forEverybody = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' }

/** Answers for the built page. Only plain file names with a known ending are looked at, so no path leads outside. */
export class StaticFiles {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** The file at `path` (as in the URL), the page itself for the address of a page, or undefined when there is neither. */
  async answer(path: string, headers: Headers): Promise<Response | undefined> {
    const name = fileNameOf(path)
    if (name !== undefined) return this.#file(name, headers)
    if (!isPageRoute(path)) return undefined
    return (await this.#file('index.html', headers)) ?? missingBuild()
  }

  async #file(name: string, headers: Headers): Promise<Response | undefined> {
    const path = join(this.#directory, name)
    const found = await stat(path).catch(() => undefined)
    if (!found?.isFile()) return undefined
    const etag = `"${found.size.toString(36)}-${Math.trunc(found.mtimeMs).toString(36)}"`
    const caching = {
      ETag: etag,
      'Cache-Control': hashedName.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache',
      ...(name === clientName && forEverybody),
    }
    if (isKnown(etag, headers.get('if-none-match'))) return new Response(null, { status: 304, headers: caching })
    const type = contentTypes[extname(name)] as string
    return new Response(await readFile(path), { headers: { ...caching, 'Content-Type': type } })
  }
}

/** `/assets/app-1234abcd.js` is `assets/app-1234abcd.js`; undefined for what cannot be a file of the build. */
function fileNameOf(path: string): string | undefined {
  const name = path.slice(1)
  const plain = /^([\w-][\w.-]*\/){0,4}[\w-][\w.-]*$/.test(name) && !name.includes('..')
  return plain && extname(name) in contentTypes ? name : undefined
}

/** Addresses of the page have no dot in them, so a missing file is not answered with the page. */
function isPageRoute(path: string): boolean {
  return /^\/([\w-]+\/?){0,4}$/.test(path)
}

function missingBuild(): Response {
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Porchlight: the page is not built</title>
<h1>The page is not built yet</h1>
<p>Porchlight is running, but its web page is missing. Run <code>npm run build</code> where Porchlight is installed and
load this page again; nothing has to be restarted.</p>
</html>
`
  return new Response(page, {
    status: 503,
    headers: { 'Content-Type': contentTypes['.html'] as string, 'Cache-Control': 'no-store' },
  })
}
