/**
 * The profile that a lobby takes when nobody has named one: `base`, or the first of `base-2`, `base-3` and so on that no
 * other lobby of its app has.
 */
export function freeProfile(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) return base
  let number = 2
  while (taken.has(`${base}-${number}`)) number++
  return `${base}-${number}`
}
