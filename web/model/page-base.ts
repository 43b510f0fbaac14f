/** Where the host of this page is: behind a proxy it may be in a folder. */
export function pageBase(): string {
  return new URL('.', location.href).href
}
