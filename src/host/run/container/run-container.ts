import { chmod, chown, copyFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { Clock } from '../../../kernel/clock.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import { Ending, type End } from '../../../kernel/ending.ts'
import type { Log } from '../../../kernel/log.ts'
import { LastLines } from '../../child/last-lines.ts'
import { endRun } from '../../child/process-tree.ts'
import { outOfMemory } from '../cgroup/open-cgroups.ts'
import { RunError } from '../contract/run-error.ts'
import { giveTree } from '../users/give-tree.ts'
import type { UserIds } from '../sandbox/identity.ts'
import { memoryText, type ContainerRules, type RunLimits } from '../contract/run-rules.ts'
import type { RunningApp, RunOptions, RunPlace } from '../contract/runner.ts'
import type { ContainerEngine, ContainerEnd, EngineFacts } from './container-engine.ts'
import { containerSpec, runLabel } from './container-spec.ts'
import { OutputFrames } from './output-frames.ts'

export interface ContainerRunOptions {
  readonly run: RunOptions
  readonly rules: ContainerRules
  readonly place: RunPlace
  /** Who it is when its rules do not say so. */
  readonly user: UserIds | undefined
  readonly engine: ContainerEngine
  readonly hostId: string
  readonly clock: Clock
  readonly log: Log
}

/**
 * Runs an app in a container. What a run of the same id has left behind is removed first.
 *
 * Rejects with {@link RunError}: `engine-unreachable`, `engine-refused`, `image-missing`, `could-not-start`.
 */
export async function runContainer(options: ContainerRunOptions): Promise<RunningApp> {
  const { run, rules, engine, hostId, log } = options
  const facts = await engine.facts()
  for (const left of await engine.labelled(runLabel, run.runId)) await engine.remove(left)
  await ensureImage(options)
  run.signal?.throwIfAborted()
  const user = userOf(rules, facts, options.user)
  const place = await handOver(options.place, user)
  const userNamespace = facts.isPodman && facts.isRootless ? 'keep-id' : undefined
  const spec = containerSpec({ run, rules, place, user, userNamespace, hostId })
  const id = await engine.create(`porchlight-${run.runId}`, spec)
  try {
    // Before it starts, so that its first words are heard.
    const printed = await engine.attach(id)
    await engine.start(id)
    log.info('Started a container', { image: rules.image, container: id.slice(0, 12), runId: run.runId })
    return new ContainerApp(id, printed, options)
  } catch (error) {
    await engine.remove(id).catch(() => {})
    throw error
  }
}

async function ensureImage({ run, rules, engine }: ContainerRunOptions): Promise<void> {
  const { image, pull } = rules
  if (pull !== 'always' && (await engine.hasImage(image))) return
  if (pull === 'never') {
    const next = `Fetch it yourself (podman pull ${image}, or docker pull ${image}), or let pull be "missing"`
    throw new RunError('image-missing', `There is no image ${image} here. ${next}`)
  }
  run.onProgress?.(`Fetching the image ${image}`)
  let told = 0
  const onPercent = (percent: number) => {
    if (percent > told) run.onProgress?.(`Fetching the image ${image}: ${percent} %`)
    told = Math.max(told, percent)
  }
  await engine.pull(image, onPercent, run.signal)
  run.onProgress?.(`Starting a container of ${image}`)
}

/** Who the app is inside: never root, unless it is an engine whose root is a user, or its owner has said so. */
function userOf({ user }: ContainerRules, { isPodman, isRootless }: EngineFacts, own: UserIds | undefined): string {
  if (user !== undefined) return user
  if (isRootless && !isPodman) return '0:0'
  if (own) return `${own.uid}:${own.gid}`
  const [uid, gid] = [process.getuid?.() ?? 1000, process.getgid?.() ?? 1000]
  return uid === 0 ? '1000:1000' : `${uid}:${gid}`
}

/** Gives its home and its runtime directory to the user inside, and copies of the cookies. */
async function handOver(place: RunPlace, user: string): Promise<RunPlace> {
  const [uid = 0, gid = uid] = user.split(':').map(Number)
  const own = process.getuid?.()
  const copy = async (file: string, name: string) => {
    const to = join(place.appDirectory, name)
    await copyFile(file, to)
    // A file that may be written is opened for writing by PulseAudio's clients, and fails on a read-only mount.
    await chmod(to, 0o400)
    if (own === 0) await chown(to, uid, gid)
    return to
  }
  if (own === 0) {
    await giveTree(place.runtimeDirectory, { uid, gid })
    await giveTree(place.home, { uid, gid })
  }
  const { display, sound } = place
  const authorityFile = await copy(display.authorityFile, 'container-xauthority')
  const cookieFile = sound && (await copy(sound.cookieFile, 'container-pulse-cookie'))
  return {
    ...place,
    display: { ...display, authorityFile },
    sound: sound && cookieFile !== undefined ? { ...sound, cookieFile } : undefined,
  }
}

/** Not every engine notices what the kernel has killed a container for. */
function perhapsForMemory(limits: RunLimits | undefined): string {
  if (limits?.memoryBytes === undefined) return ''
  return `, perhaps because it needed more than its ${memoryText(limits.memoryBytes)} of memory`
}

const outputLines = 200

class ContainerApp implements RunningApp {
  readonly closed: Promise<End>
  readonly #id: string
  readonly #options: ContainerRunOptions
  readonly #ending: Ending
  readonly #lines = new LastLines(outputLines)

  constructor(id: string, printed: IncomingMessage, options: ContainerRunOptions) {
    this.#id = id
    this.#options = options
    this.#ending = new Ending(() => this.#release())
    this.closed = this.#ending.closed
    const heard = this.#hear(printed)
    void options.engine.ended(id).then(
      async (end) => {
        await heard
        await this.#ended(end)
      },
      (error: unknown) => this.#ending.fail(error instanceof Error ? error : new Error(String(error))),
    )
  }

  get output(): readonly string[] {
    return this.#lines.lines
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Never rejects: a container whose words are lost runs on. */
  async #hear(printed: IncomingMessage): Promise<void> {
    const frames = new OutputFrames()
    try {
      for await (const bytes of printed) {
        const text = frames.push(bytes as Buffer)
        this.#lines.push(text)
        this.#options.run.onOutput?.(text)
      }
    } catch (error) {
      this.#options.log.warn('What a container prints is no longer heard', { error: messageOf(error) })
    }
  }

  #ended({ exitCode, outOfMemory: hasNoMemory, error }: ContainerEnd): Promise<void> {
    const { run, rules } = this.#options
    if (hasNoMemory) return this.#ending.fail(new RunError('out-of-memory', outOfMemory(rules.image, run.limits)))
    if (exitCode === 0) return this.#ending.close('it exited with code 0')
    const signal = exitCode === 137 ? ` (it was killed${perhapsForMemory(run.limits)})` : ''
    const lastLine = this.output.at(-1)
    const words = lastLine === undefined ? '' : `; its last line was "${lastLine}"`
    const engineWords = error === '' ? '' : `; the engine says: ${error}`
    const message = `The container of ${rules.image} exited with code ${exitCode}${signal}${words}${engineWords}`
    return this.#ending.fail(new RunError('exited', message))
  }

  /** Where the engine is gone, its processes are ended by their mark; the next start removes what the engine remembers. */
  async #release(): Promise<void> {
    const { engine, run, clock, log } = this.#options
    try {
      await engine.stop(this.#id)
      await engine.remove(this.#id)
    } catch (error) {
      const left = await endRun({ runId: run.runId, clock })
      log.warn('A container could not be removed', { runId: run.runId, error: messageOf(error), left: left.length })
      if (left.length > 0) throw new RunError('still-running', `Cannot end the container of run ${run.runId}`)
    }
  }
}
