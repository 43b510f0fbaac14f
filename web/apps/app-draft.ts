import { videoCodecs, type AppDefinition, type SoundLayout, type VideoCodec } from '../../src/client/index.ts'
import { lineOfWords, wordsOf } from './command-words.ts'

type Program = Exclude<AppDefinition, { readonly kind: 'test-pattern' }>

/** One variable, as it is typed. */
export interface DraftVariable {
  readonly name: string
  readonly value: string
}

/** A definition while somebody writes it: everything as text and choices. */
export interface AppDraft {
  readonly kind: 'display' | 'test-pattern'
  readonly title: string
  readonly command: string
  readonly environment: readonly DraftVariable[]
  readonly directory: string
  readonly lines: string
  readonly size: string
  readonly fps: string
  /** Empty is without sound. */
  readonly sound: '' | SoundLayout
  readonly icon: string
  /** Which codec comes first; empty leaves it to the viewer. */
  readonly codec: '' | VideoCodec
  readonly maxMbps: string
  readonly preset: 'latency' | 'quality'
  readonly onExit: 'end' | 'restart'
  /** Empty is as usual for its command. */
  readonly window: '' | 'maximized' | 'floating' | 'none'
  readonly isSandboxed: boolean
  /** What is kept as it is: keys that are not edited here. */
  readonly kept: Pick<Program, 'runsUntil' | 'profile' | 'limits' | 'sandbox' | 'container'>
}

export const emptyDraft: AppDraft = {
  kind: 'display',
  title: '',
  command: '',
  environment: [],
  directory: '',
  lines: '',
  size: '1280x720',
  fps: '60',
  sound: 'stereo',
  icon: '',
  codec: '',
  maxMbps: '',
  preset: 'latency',
  onExit: 'end',
  window: '',
  isSandboxed: false,
  kept: {},
}

export function draftOf(definition: AppDefinition): AppDraft {
  const { title = '', size = emptyDraft.size, fps, sound = true, icon = '', video = {} } = definition
  const common = {
    ...emptyDraft,
    title,
    size,
    fps: String(fps ?? emptyDraft.fps),
    sound: sound === true ? 'stereo' : sound || '',
    icon,
    codec: video.codecs?.[0] ?? '',
    maxMbps: video.maxMbps === undefined ? '' : String(video.maxMbps),
    preset: video.preset ?? 'latency',
  } as const
  if (definition.kind === 'test-pattern') {
    return { ...common, kind: 'test-pattern', lines: (definition.lines ?? []).join('\n') }
  }
  const { command = [], environment = {}, directory = '', onExit = 'end', window = '', ...rest } = definition
  const { runsUntil, profile, limits, sandbox, container } = rest
  return {
    ...common,
    command: lineOfWords(command),
    environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
    directory,
    onExit,
    window,
    isSandboxed: sandbox !== undefined && sandbox !== false,
    kept: definedOnly({ runsUntil, profile, limits, sandbox, container }),
  }
}

/** The definition that a draft means; what is as usual is left out. The host says what is wrong with it. */
export function definitionOf(draft: AppDraft): AppDefinition {
  const { title, size, sound, icon } = draft
  const common = {
    ...(title.trim() !== '' && { title }),
    ...(icon !== '' && { icon }),
    ...(size.trim() !== emptyDraft.size && { size: size.trim().replace(/\s*[×x*]\s*/i, 'x') }),
    ...(draft.fps !== emptyDraft.fps && { fps: numberOf(draft.fps) }),
    ...(sound !== emptyDraft.sound && { sound: sound || false }),
    ...videoOf(draft),
  }
  if (draft.kind === 'test-pattern') {
    const lines = draft.lines.split('\n').filter((line) => line.trim() !== '')
    return { kind: 'test-pattern', ...common, ...(lines.length > 0 && { lines }) }
  }
  const { words } = wordsOf(draft.command)
  const variables = draft.environment.filter(({ name, value }) => name !== '' || value !== '')
  const { sandbox, ...kept } = draft.kept
  return {
    ...common,
    ...kept,
    ...(words.length > 0 && { command: [...words] }),
    ...(variables.length > 0 && { environment: Object.fromEntries(variables.map(({ name, value }) => [name, value])) }),
    ...(draft.directory.trim() !== '' && { directory: draft.directory.trim() }),
    ...(draft.onExit !== 'end' && { onExit: draft.onExit }),
    ...(draft.window !== '' && { window: draft.window }),
    // A sandbox that says more than yes stays what it is.
    ...(draft.isSandboxed && { sandbox: typeof sandbox === 'object' ? sandbox : true }),
  }
}

function videoOf({ codec, maxMbps, preset }: AppDraft): Pick<AppDefinition, 'video'> {
  const video = {
    ...(codec !== '' && { codecs: [codec, ...videoCodecs.filter((other) => other !== codec)] }),
    ...(maxMbps.trim() !== '' && { maxMbps: numberOf(maxMbps) }),
    ...(preset !== 'latency' && { preset }),
  }
  return Object.keys(video).length > 0 ? { video } : {}
}

/** What is no number is sent as zero: the host says what was wanted. */
function numberOf(text: string): number {
  const number = Number(text.trim().replace(',', '.'))
  return Number.isFinite(number) ? number : 0
}

function definedOnly(kept: { [Key in keyof AppDraft['kept']]: AppDraft['kept'][Key] | undefined }): AppDraft['kept'] {
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined))
}
