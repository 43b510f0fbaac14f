import type { Clock } from '../../../kernel/clock.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import type { Log } from '../../../kernel/log.ts'
import { RunError } from '../contract/run-error.ts'
import type { ContainerRules } from '../contract/run-rules.ts'
import type { RunningApp, ScopedRun } from '../contract/runner.ts'
import type { UserIds } from '../sandbox/identity.ts'
import { ContainerEngine } from './container-engine.ts'
import { hostLabel } from './container-spec.ts'
import type { EngineSocket } from './find-engine.ts'
import { runContainer } from './run-container.ts'

export interface ContainersOptions {
  readonly engine: EngineSocket
  readonly hostId: string
  readonly clock: Clock
  readonly log: Log
}

/** The containers of one host. */
export class Containers {
  readonly #options: ContainersOptions
  readonly #engine: ContainerEngine | undefined

  constructor(options: ContainersOptions) {
    this.#options = options
    this.#engine = 'path' in options.engine ? new ContainerEngine(options.engine.path) : undefined
  }

  /** Why there can be no containers; undefined when there can. */
  async whyNot(): Promise<string | undefined> {
    try {
      await this.#reach().facts()
      return undefined
    } catch (error) {
      return messageOf(error)
    }
  }

  /** `user`: who the app is when its rules do not say it; the one who started Porchlight, or 1000, when undefined. */
  async run(run: ScopedRun, enclosure: { rules: ContainerRules; user: UserIds | undefined }): Promise<RunningApp> {
    return runContainer({ ...this.#options, ...enclosure, run, place: run.place, engine: this.#reach() })
  }

  async removeLeftovers(): Promise<void> {
    const { hostId, log } = this.#options
    try {
      const left = (await this.#engine?.labelled(hostLabel, hostId)) ?? []
      for (const id of left) await this.#engine?.remove(id)
      if (left.length > 0) log.warn('Removed containers of an earlier run', { count: left.length })
    } catch (error) {
      log.debug('The containers of an earlier run cannot be looked for', { error: messageOf(error) })
    }
  }

  #reach(): ContainerEngine {
    const { engine: socket } = this.#options
    if (this.#engine) return this.#engine
    throw new RunError('engine-unreachable', 'problem' in socket ? socket.problem : 'There is no container engine')
  }
}
