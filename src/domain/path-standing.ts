/**
 * How one of the paths between two ends stands: it is the one that is `taken`, it answers and is kept `warm`, it has not answered yet
 * (`untried`), or it does not answer any more (`dead`).
 */
export const pathStates = ['taken', 'warm', 'untried', 'dead'] as const

/** For people. */
export const pathStateWords: Readonly<Record<PathStanding['state'], string>> = {
  taken: 'taken',
  warm: 'kept warm',
  untried: 'no answer yet',
  dead: 'no answer any more',
}

export interface PathStanding {
  /** As people call it: `direct 192.0.2.1:5000`, `relay turn.example:3478`. */
  readonly name: string
  readonly state: (typeof pathStates)[number]
  /** Smoothed; undefined while nothing has answered. */
  readonly roundTripMs?: number | undefined
  /** Of what was sent to try it, 0 to 1; undefined while that is not known. */
  readonly lossRatio?: number | undefined
}

/** All paths between two ends, and why it is the one that it is. */
export interface PathOverview {
  /** In a few words: `it is preferred and works again`; undefined where nobody has said. */
  readonly because?: string | undefined
  /** The one that is taken first, those that answer before the others; otherwise in an order that does not change. */
  readonly paths: readonly PathStanding[]
}

/** No end keeps more of them. */
export const mostPaths = 24
