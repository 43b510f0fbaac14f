import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { messageOf } from '../kernel/coded-error.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { until, type Readable } from '../kernel/readable.ts'
import type { App } from '../host/apps/definition/app.ts'
import { readKnownLayouts } from '../host/display/known-layouts.ts'
import { openDisplay } from '../host/display/open-display.ts'
import type { GamepadPort } from '../host/gamepad/gamepad.ts'
import { openUinput } from '../host/gamepad/uinput/open-uinput.ts'
import type { HostParts } from '../host/contract/host-parts.ts'
import type { Runners } from '../host/run/runners.ts'
import { findPulseaudio } from '../host/sound/find-pulseaudio.ts'
import { openLobbySound } from '../host/sound/open-lobby-sound.ts'
import { budgetUnit, EncoderBudget, unitsOf } from '../media/encoder-budget.ts'
import type { UnitInlets } from '../media/contract/unit-inlets.ts'
import { openMediaProcess, type MediaProcess } from '../media/media-process.ts'
import type { Environment } from './config/config.ts'
import type { MachineFindings } from './inventory.ts'
import { openLobbyProducer } from './lobby-producer.ts'
import type { ProducerKind } from './producer-metrics.ts'
import { ProducerTotals } from './producer-totals.ts'
import type { Teardown } from './teardown.ts'

/** What this machine gives to a host. */
export interface Machine {
  readonly parts: HostParts
  /** All waiting rooms share it; it is also the first to try the encoders. */
  readonly waitingRooms: MediaProcess
  /** What all producers of the parts may encode. */
  readonly budget: EncoderBudget
  /** What the producers of the parts do. */
  readonly totals: Readonly<Record<ProducerKind, ProducerTotals>>
  /** As of now. */
  readonly findings: MachineFindings
}

/** The encoders are tried in a second or two; what takes longer is not waited for. */
const encoderPatienceMs = 20_000
const waitingRoom = { kind: 'test-pattern', width: 1280, height: 720, fps: 30, tone: undefined } as const

/**
 * Opens what displays, sound and pictures come from; what is not there becomes a finding. Rejects with a MediaError when
 * no media process can run, for without one there is no picture of anything.
 */
export async function openMachine(
  options: {
    /** What is known of apps here. */
    apps: Readable<readonly App[]>
    runners: Runners
    hostId: string
    runDirectory: string
    /** Where media processes bring pictures to viewer processes. */
    inlets: UnitInlets
    /** In {@link budgetUnit}; undefined is by a table of cores and hardware. */
    encoderBudget: Readable<number | undefined>
    environment: Environment
    clock: Clock
    log: Log
  },
  teardown: Teardown,
): Promise<Machine> {
  const { apps, runDirectory, inlets, environment, clock, log } = options
  await mkdir(runDirectory, { recursive: true, mode: 0o700 })
  const layouts = await readKnownLayouts()
  const budgetFor = (encoders: MachineFindings['encoders']) => {
    return (options.encoderBudget.value ?? unitsOf({ cores: availableParallelism(), encoders })) * budgetUnit
  }
  const budget = new EncoderBudget(budgetFor([]))
  const [media, sound, gamepads] = await Promise.allSettled([
    openMediaProcess({ name: 'waiting-rooms', log, clock, environment, budget, inlets }),
    findPulseaudio(),
    openUinput({ clock }),
  ])
  if (media.status === 'fulfilled') teardown.add('waiting rooms', () => media.value.close())
  if (media.status === 'rejected') throw media.reason
  const setBudget = () => void (budget.capacity = budgetFor(media.value.encoders.value))
  media.value.encoders.subscribe(setBudget)
  teardown.add('encoder budget', options.encoderBudget.subscribe(setBudget))
  const noSound = sound.status === 'rejected' ? messageOf(sound.reason) : undefined
  const noGamepads = gamepads.status === 'rejected' ? messageOf(gamepads.reason) : undefined
  const totals = { lobby: new ProducerTotals(), 'waiting-room': new ProducerTotals() }
  return {
    parts: hostParts(
      { ...options, totals, budget },
      {
        pulseaudio: sound.status === 'fulfilled' ? sound.value : undefined,
        gamepads: gamepads.status === 'fulfilled' ? gamepads.value : undefined,
        waitingRooms: media.value,
        layouts,
      },
    ),
    waitingRooms: media.value,
    budget,
    totals,
    get findings() {
      return {
        apps: apps.value,
        runsAs: options.runners.runsAs,
        noSound,
        noGamepads,
        encoders: media.value.encoders.value,
      }
    },
  }
}

/** Resolves when the encoders were tried, `signal` is aborted, or it takes too long. */
export async function triedEncoders(
  { waitingRooms }: Pick<Machine, 'waitingRooms'>,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  const patience = new AbortController()
  const timer = clock.after(encoderPatienceMs, () => patience.abort())
  const ends = [patience.signal, ...(signal ? [signal] : [])]
  // Whoever asks looks at what was found, be it nothing.
  await until(waitingRooms.encoders, ({ length }) => length > 0, AbortSignal.any(ends)).catch(() => {})
  timer.cancel()
}

function hostParts(
  options: {
    environment: Environment
    clock: Clock
    log: Log
    runners: Runners
    hostId: string
    runDirectory: string
    totals: Machine['totals']
    budget: EncoderBudget
    inlets: UnitInlets
  },
  opened: {
    pulseaudio: number | undefined
    gamepads: GamepadPort | undefined
    waitingRooms: MediaProcess
    layouts: HostParts['layouts']
  },
): HostParts {
  const { environment, clock, log, runners, hostId, totals, budget, inlets, runDirectory: runtimeDirectory } = options
  const { pulseaudio: version, gamepads, waitingRooms, layouts } = opened
  return {
    layouts,
    openSound:
      version === undefined
        ? undefined
        : (asked) => openLobbySound({ ...asked, runtimeDirectory, version, hostId, log, clock }),
    gamepads,
    openDisplay: ({ directory, ...asked }) =>
      openDisplay({ runtimeDirectory: directory, ...asked, hostId, log, clock }),
    openScope: (request) => runners.openScope(request),
    openProducer: (id, spec) =>
      openLobbyProducer(id, spec, { log, clock, environment, budget, inlets, totals: totals.lobby }),
    openWaitingRoom: (id, { title, lines }) => {
      const producer = waitingRooms.addProducer(id, { ...waitingRoom, title, lines: [...lines] })
      totals['waiting-room'].add(producer)
      return producer
    },
  }
}
