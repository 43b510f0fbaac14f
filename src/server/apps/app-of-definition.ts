import { definedApp, usualProfile, type AppMachine } from '../../host/apps/defined-app.ts'
import type { App, Command } from '../../host/apps/definition/app.ts'
import { printableName } from '../../host/printable-name.ts'
import type { EncodingWishes } from '../../media/contract/producer.ts'
import { sizeOf, soundLayoutOf, usually, type AppDefinition } from '../../wire/api/app-definition.ts'
import { runRulesOf } from './run-rules-of.ts'

/** The app that a definition means, with what is missing for it here. */
export function appOfDefinition(id: string, definition: AppDefinition, machine: AppMachine): Promise<App> {
  const { title: asked = id, size = usually.size, fps = usually.fps, sound = usually.sound } = definition
  const title = printableName(asked, id)
  const common = { id, title, size: sizeOf(size), fps, sound: soundLayoutOf(sound), encoding: wishesOf(definition) }
  if (definition.kind === 'test-pattern') {
    return definedApp({ ...common, source: { kind: 'test-pattern', lines: definition.lines ?? [] } }, machine)
  }
  const { command, environment = {}, directory, profile = usualProfile, window } = definition
  const source = {
    kind: 'display',
    command: command && commandOf(command),
    environment,
    directory,
    profile,
    window,
    ...runRulesOf(definition),
  } as const
  return definedApp({ ...common, source }, machine)
}

function wishesOf({ video }: AppDefinition): EncodingWishes | undefined {
  if (!video) return undefined
  const { codecs = [], maxMbps, preset = 'latency' } = video
  return { codecs, maxBitrateBps: maxMbps === undefined ? undefined : Math.round(maxMbps * 1e6), preset }
}

function commandOf([program = '', ...words]: readonly string[]): Command {
  return [program, ...words]
}
