import { codecFacts, usualCodec } from '../domain/video-codec.ts'
import type { App } from '../host/apps/definition/app.ts'
import type { AbsentLobby } from '../host/contract/lobby-archive.ts'
import type { RunsAs } from '../host/run/runners.ts'
import type { EncoderReport } from '../media/link/messages.ts'
import type { HostInfo } from '../wire/api/resources.ts'
import type { LobbyFacts, MissingPart } from './server-facts.ts'

/** What was found out about this machine while the server started; the encoders come last. */
export interface MachineFindings {
  readonly apps: readonly App[]
  /** Who apps are. */
  readonly runsAs: RunsAs
  /** Why there is no sound; undefined when there is. */
  readonly noSound: string | undefined
  /** Why there are no gamepads; undefined when there are. */
  readonly noGamepads: string | undefined
  /** Best first for each codec; empty while they are being tried. */
  readonly encoders: readonly EncoderReport[]
}

/** What was found out, with what became of the lobbies that were to come back, and what is not there for the data. */
export interface Findings extends MachineFindings {
  readonly absentLobbies: readonly AbsentLobby[]
  readonly lacking: readonly MissingPart[]
  /** Undefined where no gateway was named. */
  readonly gateway?: HostInfo['gateway'] | undefined
}

/** What is missing here, with what follows from it and how to change that. */
export function missingParts({
  apps,
  runsAs,
  noSound,
  noGamepads,
  encoders,
  absentLobbies,
  lacking,
  gateway,
}: Findings): readonly MissingPart[] {
  const unavailable = apps.flatMap(({ title, unavailable: why, isExtra = false }): MissingPart[] => {
    return why === undefined || isExtra ? [] : [{ what: title, consequence: 'this app cannot run here', remedy: why }]
  })
  const partly = apps.flatMap(({ title, without = [] }) =>
    without.map((remedy) => ({ what: `A limit of ${title}`, consequence: 'this app runs without it', remedy })),
  )
  const rootless: MissingPart[] =
    runsAs.kind === 'root'
      ? [{ what: 'Users of apps', consequence: 'apps run as root, with all of its rights', remedy: runsAs.why }]
      : []
  const silent: MissingPart[] =
    noSound === undefined ? [] : [{ what: 'Sound', consequence: 'apps are silent', remedy: noSound }]
  const padless: MissingPart[] =
    noGamepads === undefined
      ? []
      : [{ what: 'Gamepads', consequence: 'apps see none of those that players have', remedy: noGamepads }]
  const absent = absentLobbies.map(({ id, title, reason }): MissingPart => {
    const remedy = `${reason} It is tried again at the next start; DELETE /api/v1/lobbies/${id} gives it up.`
    return { what: `Lobby "${title}"`, consequence: 'it could not come back, and its links lead nowhere', remedy }
  })
  const hidden: MissingPart[] =
    gateway?.state === 'failed'
      ? [
          {
            what: `Gateway ${gateway.url}`,
            consequence: 'nobody finds this host through it',
            remedy: `${gateway.why ?? 'It is not there'}. It is tried again; is the address right, and is it running?`,
          },
        ]
      : []
  return [
    ...lacking,
    ...hidden,
    ...rootless,
    ...absent,
    ...unavailable,
    ...partly,
    ...silent,
    ...padless,
    ...missingEncoders(encoders),
  ]
}

function missingEncoders(encoders: readonly EncoderReport[]): readonly MissingPart[] {
  if (encoders.length === 0 || encoders.some(({ codec, available }) => codec === usualCodec && available)) return []
  const hasAny = encoders.some(({ available }) => available)
  return [
    {
      what: `${codecFacts[usualCodec].title} encoder`,
      consequence: hasAny ? 'pictures go out in another codec, which costs more' : 'there can be no picture',
      remedy: 'Install the packages of this project anew (npm ci); npm start -- doctor says what each encoder reports.',
    },
  ]
}

/** What `GET /host` tells. */
export function hostInfo(
  facts: Pick<HostInfo, 'version' | 'links' | 'nativeLinks' | 'certificate' | 'dataDirectory' | 'limits'>,
  findings: Findings,
): HostInfo {
  return {
    ...facts,
    gateway: findings.gateway ?? null,
    encoders: findings.encoders.map(({ name, codec, available, reason }) => ({
      name,
      codec,
      available,
      reason: reason === '' ? null : reason,
    })),
    missing: [...missingParts(findings)],
  }
}

type Encoding = LobbyFacts['encoding']

/** How most viewers get their picture, for people; undefined when nothing can encode. */
export function usualEncoding(encoders: readonly EncoderReport[]): Encoding {
  const found =
    encoders.find(({ codec, available }) => codec === usualCodec && available) ??
    encoders.find(({ available }) => available)
  return found && { codec: codecFacts[found.codec].title, encoder: encoderTitle(found.name) }
}

const encoderTitles: Readonly<Record<string, string>> = { h264_nvenc: 'NVENC', h264_vaapi: 'VA-API', libx264: 'x264' }

/** FFmpeg's name of an encoder as people say it. */
export function encoderTitle(name: string): string {
  return encoderTitles[name] ?? name
}
