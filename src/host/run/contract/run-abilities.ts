import type { RunLimits } from './run-rules.ts'

/** How apps can be run on this machine. Each answer is for people: why not, and how to change that; undefined when they can. */
export interface RunAbilities {
  whyNoSandbox(): Promise<string | undefined>
  whyNoContainer(): Promise<string | undefined>
  /** Limits that an app asks for and that cannot be held here: it runs without them. */
  whyNoLimits(limits: RunLimits): Promise<string | undefined>
}
