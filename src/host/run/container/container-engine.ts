import type { IncomingMessage } from 'node:http'
import { messageOf } from '../../../kernel/coded-error.ts'
import { RunError } from '../contract/run-error.ts'
import { EngineClient } from './engine-client.ts'
import { PullProgress } from './pull-progress.ts'

/** What an engine is, as far as containers have to know. */
export interface EngineFacts {
  readonly isPodman: boolean
  /** It runs as a user: root inside is that user outside. */
  readonly isRootless: boolean
}

/** How a container ended. */
export interface ContainerEnd {
  readonly exitCode: number
  readonly outOfMemory: boolean
  /** What the engine says about it; empty when it has nothing to say. */
  readonly error: string
}

/** A container engine, by what runs of apps ask of it. Rejections are RunErrors. */
export class ContainerEngine {
  readonly #client: EngineClient

  constructor(socketPath: string) {
    this.#client = new EngineClient(socketPath)
  }

  async facts(): Promise<EngineFacts> {
    const [version, info] = await Promise.all([this.#client.ask('GET', '/version'), this.#client.ask('GET', '/info')])
    return {
      isPodman: JSON.stringify(fieldOf(version.json, 'Components') ?? '').includes('Podman'),
      isRootless: JSON.stringify(fieldOf(info.json, 'SecurityOptions') ?? '').includes('rootless'),
    }
  }

  async hasImage(image: string): Promise<boolean> {
    const { status } = await this.#client.ask('GET', `/images/${encodeURIComponent(image)}/json`, { accept: [404] })
    return status !== 404
  }

  /** Fetches an image; rejects with `image-missing`. */
  async pull(image: string, onPercent: (percent: number) => void, signal?: AbortSignal): Promise<void> {
    try {
      const path = `/images/create?fromImage=${encodeURIComponent(withTag(image))}`
      const answer = await this.#client.follow('POST', path, { signal })
      const progress = new PullProgress()
      for await (const text of answer.setEncoding('utf8')) {
        const percent = progress.push(text as string)
        if (percent !== undefined) onPercent(percent)
      }
      if (await this.hasImage(image)) return
    } catch (error) {
      if (error instanceof RunError && error.code === 'engine-unreachable') throw error
      throw missing(image, messageOf(error), error)
    }
    throw missing(image, 'the engine has fetched nothing of this name')
  }

  /** Makes a container, which is not started; resolves with its id. */
  async create(name: string, spec: object): Promise<string> {
    const path = `/containers/create?name=${encodeURIComponent(name)}`
    const { json } = await this.#client.ask('POST', path, { body: spec })
    const id = fieldOf(json, 'Id')
    if (typeof id === 'string') return id
    throw new RunError('engine-refused', 'The container engine has told no id of a new container')
  }

  /** What it prints from now on, as frames. */
  attach(id: string): Promise<IncomingMessage> {
    return this.#client.follow('POST', `/containers/${id}/attach?stream=1&stdout=1&stderr=1`)
  }

  async start(id: string): Promise<void> {
    await this.#client.ask('POST', `/containers/${id}/start`)
  }

  /** Resolves when a started container has ended. */
  async ended(id: string): Promise<ContainerEnd> {
    try {
      const answer = await this.#client.follow('POST', `/containers/${id}/wait?condition=not-running`)
      for await (const _ of answer) continue
    } catch (error) {
      throw new RunError('engine-lost', `The container engine was lost: ${messageOf(error)}`, { cause: error })
    }
    const { json } = await this.#client.ask('GET', `/containers/${id}/json`)
    const state = fieldOf(json, 'State')
    const [exitCode, error] = [fieldOf(state, 'ExitCode'), fieldOf(state, 'Error')]
    return {
      exitCode: typeof exitCode === 'number' ? exitCode : -1,
      outOfMemory: fieldOf(state, 'OOMKilled') === true,
      error: typeof error === 'string' ? error : '',
    }
  }

  /** SIGTERM, and SIGKILL after a second. */
  async stop(id: string): Promise<void> {
    await this.#client.ask('POST', `/containers/${id}/stop?t=1`, { accept: [304, 404] })
  }

  /** Ends and removes it, with its anonymous volumes. */
  async remove(id: string): Promise<void> {
    await this.#client.ask('DELETE', `/containers/${id}?force=1&v=1`, { accept: [404, 409] })
  }

  /** Ids of the containers with a label, running or not. */
  async labelled(label: string, value: string): Promise<readonly string[]> {
    const filters = encodeURIComponent(JSON.stringify({ label: [`${label}=${value}`] }))
    const { json } = await this.#client.ask('GET', `/containers/json?all=1&filters=${filters}`)
    const ids = Array.isArray(json) ? json.map((each) => fieldOf(each, 'Id')) : []
    return ids.filter((id) => typeof id === 'string')
  }
}

/** Without a tag, the engine would fetch all of them. */
function withTag(image: string): string {
  return /:[^/]*$|@/.test(image) ? image : `${image}:latest`
}

function missing(image: string, why: string, cause?: unknown): RunError {
  const next = `Check its name and the network, or fetch it yourself: podman pull ${image} (or docker pull ${image})`
  return new RunError('image-missing', `Cannot get the image ${image}: ${why}. ${next}`, { cause })
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
