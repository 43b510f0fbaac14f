import { stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { EncodingWishes } from '../../media/contract/producer.ts'
import type { SoundLayout } from '../../domain/sound-layout.ts'
import type { Size } from '../../domain/size.ts'
import type { RunAbilities } from '../run/contract/run-abilities.ts'
import type { RunRules } from '../run/contract/run-rules.ts'
import type { App, AppSource, Command, LaunchPlace } from './definition/app.ts'
import { directoryBelow } from './homes/home-entries.ts'
import { prepareWindows, usualWindowMode, whyNoWindows, type WindowMode } from './windows/windows.ts'
import { displayServer, whyUnavailable, type FindProgram } from './definition/requirement.ts'

/** An app as an owner describes it. */
export interface AppDefinition {
  readonly id: string
  readonly title: string
  readonly size: Size
  readonly fps: number
  readonly encoding: EncodingWishes | undefined
  /** Of its own audio sink or, for a test pattern, of its tone; undefined for none. */
  readonly sound: SoundLayout | undefined
  readonly source: TestPatternDefinition | ProgramDefinition
}

/** What the profile of a lobby is called that names none. */
export const usualProfile = 'default'

interface TestPatternDefinition {
  readonly kind: 'test-pattern'
  readonly lines: readonly string[]
}

interface ProgramDefinition extends RunRules {
  readonly kind: 'display'
  /** Undefined is what the image of its container runs by itself. */
  readonly command: Command | undefined
  /** Added to the environment that every app gets. */
  readonly environment: Readonly<Record<string, string>>
  /** Where it starts: absolute, and then it has to exist, or below its home, and then it is made. Undefined is its home. */
  readonly directory: string | undefined
  /** The profile of a lobby that names none. */
  readonly profile: string
  /** What becomes of its windows; undefined is as usual for its command. */
  readonly window: WindowMode | undefined
}

/** What is asked about the machine that an app is to run on. */
export interface AppMachine {
  readonly find: FindProgram
  readonly abilities: RunAbilities
}

/** The app of a definition, with what is missing for it here. */
export async function definedApp(definition: AppDefinition, machine: AppMachine): Promise<App> {
  const { id, title, size, fps, encoding, sound, source } = definition
  const app = { id, title, size, fps, ...(encoding && { encoding }) }
  if (source.kind === 'test-pattern') {
    return { ...app, unavailable: undefined, source: { kind: 'test-pattern', lines: source.lines, tone: sound } }
  }
  const mode = source.window ?? usualWindowMode(source.command)
  const noLimits = await machine.abilities.whyNoLimits(source.limits)
  const noWindows = await whyNoWindows(mode, machine.find)
  // The engine holds those of a container.
  const without = [source.container ? undefined : noLimits, noWindows].filter((why) => why !== undefined)
  return {
    ...app,
    unavailable: (source.requiresLimits ? noLimits : undefined) ?? (await whyNot(source, machine)),
    ...(without.length > 0 && { without }),
    source: onDisplay(source, sound, noWindows === undefined ? mode : 'none'),
  }
}

/** An app that cannot run for a reason of its own: one that was described wrongly, for instance. */
export function unavailableApp(id: string, title: string, unavailable: string): App {
  return {
    id,
    title,
    size: { width: 1280, height: 720 },
    fps: 60,
    unavailable,
    source: { kind: 'test-pattern', lines: [], tone: undefined },
  }
}

function onDisplay(definition: ProgramDefinition, sound: SoundLayout | undefined, mode: WindowMode): AppSource {
  const { command, environment, directory, profile, onExit, runsUntil, limits, requiresLimits, sandbox, container } =
    definition
  const startIn = async (home: string) => {
    if (directory === undefined || isAbsolute(directory)) return directory
    return (await directoryBelow(home, directory)) ?? join(home, directory)
  }
  return {
    kind: 'display',
    sound,
    profile,
    rules: { onExit, runsUntil, limits, requiresLimits, sandbox, container },
    prepare: async (place: LaunchPlace) => {
      const start = await startIn(place.home)
      const beside = await prepareWindows(mode, place)
      const launch = { command, env: environment, afterResize: undefined, beside }
      return { ...launch, ...(start !== undefined && { directory: start }) }
    },
  }
}

async function whyNot(
  { command, environment, directory, sandbox, container }: ProgramDefinition,
  { find, abilities }: AppMachine,
): Promise<string | undefined> {
  if (container) return (await abilities.whyNoContainer()) ?? whyUnavailable([displayServer], find)
  const [program = ''] = command ?? []
  if ((await find(program, environment['PATH'])) === undefined) {
    return `There is no program "${program}" here. Install it, or correct the command`
  }
  if (directory !== undefined && isAbsolute(directory) && !(await isDirectory(directory))) {
    return `There is no directory ${directory} for it to start in. Make it, or correct the directory`
  }
  return (sandbox && (await abilities.whyNoSandbox())) ?? whyUnavailable([displayServer], find)
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
