/**
 * An address of the host: `path`, which begins with a slash, below where the host is, `https://play.example.org` or, behind a
 * proxy that has it in a folder, `https://example.org/play/`. Throws TypeError for a base that is no address.
 */
export function addressBelow(base: string, path: string): URL {
  const url = new URL(base)
  return new URL(url.pathname.replace(/\/+$/, '') + path, url.origin)
}
