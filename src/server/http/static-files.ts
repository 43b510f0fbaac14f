import { readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { systemClock, type Clock } from '../../kernel/clock.ts'
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

/** What is answered for a path. */
export interface FileAnswer {
  readonly status: 200 | 304 | 503
  readonly headers: Readonly<Record<string, string | number>>
  /** The same for everybody who asks. */
  readonly bytes: Buffer
}

interface KeptFile {
  readonly bytes: Buffer
  readonly etag: string
  /** When the disk said that it is so. */
  readonly checkedMs: number
}

/** A file that was looked at so short a time ago is taken to be the same. */
const freshMs = 1000
/** What is kept of files in memory; those that were asked for longest ago give way. */
const maxKeptBytes = 32 * 1024 * 1024
const nothing = Buffer.alloc(0)

/**
 * Answers for the built page. Only plain file names with a known ending are looked at, so no path leads outside. A file is read
 * once and then kept, and once for all who ask at the same time: it costs no descriptor and no memory for each.
 */
export class StaticFiles {
  readonly #directory: string
  readonly #clock: Clock
  readonly #kept = new Map<string, KeptFile>()
  readonly #reading = new Map<string, Promise<KeptFile | undefined>>()
  #keptBytes = 0

  constructor(directory: string, clock: Clock = systemClock) {
    this.#directory = directory
    this.#clock = clock
  }

  /** The file at `path` (as in the URL), the page itself for the address of a page, or undefined when there is neither. */
  async find(path: string, headers: Headers): Promise<FileAnswer | undefined> {
    const name = fileNameOf(path)
    if (name !== undefined) return this.#answer(name, headers)
    if (!isPageRoute(path)) return undefined
    return (await this.#answer('index.html', headers)) ?? missingBuild
  }

  async #answer(name: string, headers: Headers): Promise<FileAnswer | undefined> {
    const file = await this.#fresh(name)
    if (!file) return undefined
    const caching = {
      ETag: file.etag,
      'Cache-Control': hashedName.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache',
      ...(name === clientName && forEverybody),
    }
    if (isKnown(file.etag, headers.get('if-none-match'))) return { status: 304, headers: caching, bytes: nothing }
    const type = contentTypes[extname(name)] as string
    const described = { 'Content-Type': type, 'Content-Length': file.bytes.length }
    return { status: 200, headers: { ...caching, ...described }, bytes: file.bytes }
  }

  async #fresh(name: string): Promise<KeptFile | undefined> {
    const kept = this.#kept.get(name)
    if (kept && this.#clock.nowMs() - kept.checkedMs < freshMs) return kept
    const reading = this.#reading.get(name) ?? this.#read(name, kept).finally(() => this.#reading.delete(name))
    this.#reading.set(name, reading)
    return reading
  }

  async #read(name: string, kept: KeptFile | undefined): Promise<KeptFile | undefined> {
    const path = join(this.#directory, name)
    const checkedMs = this.#clock.nowMs()
    const found = await stat(path).catch(() => undefined)
    this.#forget(name)
    if (!found?.isFile()) return undefined
    const etag = `"${found.size.toString(36)}-${Math.trunc(found.mtimeMs).toString(36)}"`
    const bytes = kept?.etag === etag ? kept.bytes : await readFile(path).catch(() => undefined)
    if (!bytes) return undefined
    const file = { bytes, etag, checkedMs }
    this.#kept.set(name, file)
    this.#keptBytes += bytes.length
    for (const [oldest] of this.#kept) if (this.#keptBytes > maxKeptBytes) this.#forget(oldest)
    return file
  }

  #forget(name: string): void {
    this.#keptBytes -= this.#kept.get(name)?.bytes.length ?? 0
    this.#kept.delete(name)
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

const missingPage = Buffer.from(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Porchlight: the page is not built</title>
<h1>The page is not built yet</h1>
<p>Porchlight is running, but its web page is missing. Run <code>npm run build</code> where Porchlight is installed and
load this page again; nothing has to be restarted.</p>
</html>
`)
const missingBuild: FileAnswer = {
  status: 503,
  headers: {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': missingPage.length,
    'Cache-Control': 'no-store',
  },
  bytes: missingPage,
}
