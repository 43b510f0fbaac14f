/** What was looked at and how it is. */
export interface Check {
  readonly what: string
  /** `bad`: it cannot run like this. `poor`: it runs, with less. */
  readonly health: 'good' | 'poor' | 'bad'
  /** What was found, and where it is not good, what to do. */
  readonly detail: string
}
