/** Limits that an app can ask for, by the names that they have in its description. */
export const limitNames = ['cpus', 'memory', 'processes'] as const
export type LimitName = (typeof limitNames)[number]
