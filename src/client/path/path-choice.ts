import type { RouteProgress } from './route.ts'

/** Which of the routes carries, and which are to be made (or kept) ready; by their place in the list. */
export interface PathChoice {
  readonly carrier: number | undefined
  readonly wanted: readonly boolean[]
}

/**
 * The one decision, of routes that are ranked from the best to the worst. One is better only when it shows a picture; until then, and
 * as soon as that is in doubt, all below it are made ready as well, and what shows first is used. Where no other can be, one
 * that is open is enough.
 */
export function choosePath(ranked: readonly RouteProgress[]): PathChoice {
  const best = (progress: RouteProgress) => {
    const place = ranked.indexOf(progress)
    return place < 0 ? undefined : place
  }
  const showing = best('shows')
  const isAlone = ranked.filter((progress) => progress !== 'impossible').length === 1
  return {
    carrier: showing ?? best('doubtful') ?? (isAlone ? best('open') : undefined),
    wanted: ranked.map((progress, place) => progress !== 'impossible' && place <= (showing ?? place)),
  }
}
