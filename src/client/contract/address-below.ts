/**
 * An address of the host: `path`, which begins with a slash, below where the host's page is. That is `https://play.example.org`
 * or, behind a proxy that has it in a folder, `https://example.org/play/`; as in links, what is behind the last slash is a
 * page and no folder. Throws TypeError for a base that is no address.
 */
export function addressBelow(base: string, path: string): URL {
  const { pathname, origin } = new URL('.', base)
  return new URL(pathname.slice(0, -1) + path, origin)
}
