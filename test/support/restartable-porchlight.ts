import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPorchlight, type PorchlightOptions, type RunningPorchlight } from './running-porchlight.ts'

/** A server that is killed and started again, on the same data and the same ports. */
export class RestartablePorchlight implements AsyncDisposable {
  /** With the owner's token, which only the first start prints. */
  readonly link: string
  readonly #data: string
  readonly #options: PorchlightOptions
  #house: RunningPorchlight

  private constructor(house: RunningPorchlight, data: string, options: PorchlightOptions) {
    this.link = house.link
    this.#house = house
    this.#data = data
    this.#options = { ...options, flags: [...(options.flags ?? []), '--data', data, '--port', String(house.port)] }
  }

  static async open({ appsFile, ...options }: PorchlightOptions): Promise<RestartablePorchlight> {
    const data = await mkdtemp(join(tmpdir(), 'porchlight-data-'))
    if (appsFile !== undefined) await writeFile(join(data, 'apps.toml'), appsFile)
    const house = await openPorchlight({ ...options, flags: [...(options.flags ?? []), '--data', data] })
    return new RestartablePorchlight(house, data, options)
  }

  /** The one that runs now, or ran last. */
  get house(): RunningPorchlight {
    return this.#house
  }

  /** With no time for a goodbye; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#house.stop('SIGKILL')
    await this.#house[Symbol.asyncDispose]()
  }

  /** Resolves when it runs. */
  async start(): Promise<RunningPorchlight> {
    this.#house = await openPorchlight(this.#options)
    return this.#house
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#house[Symbol.asyncDispose]()
    await rm(this.#data, { recursive: true, force: true, maxRetries: 5 })
  }
}
