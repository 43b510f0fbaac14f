/** Whether a client that sent this `If-None-Match` has what the tag stands for (RFC 9110, section 13.1.2). */
export function isKnown(tag: string, ifNoneMatch: string | null | undefined): boolean {
  return (ifNoneMatch ?? '').split(',', 16).some((each) => each.trim().replace(/^W\//, '') === tag)
}
