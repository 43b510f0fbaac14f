import { codecFacts } from '../domain/video-codec.ts'
import { existsSync } from 'node:fs'
import type { Clock } from '../kernel/clock.ts'
import type { RunAbilities } from '../host/run/contract/run-abilities.ts'
import { messageOf } from '../kernel/coded-error.ts'
import { silentLog } from '../kernel/log.ts'
import { Writable } from '../kernel/readable.ts'
import { whyNoSockets } from '../host/display/socket-directory.ts'
import { UnitInlets } from '../media/contract/unit-inlets.ts'
import { openStore, type Store } from '../store/open-store.ts'
import { StoreError } from '../store/store-error.ts'
import { openAppCatalogue } from './apps/open-app-catalogue.ts'
import type { Check } from './check.ts'
import type { Environment, ServerConfig } from './config/config.ts'
import { encoderTitle, type MachineFindings } from './inventory.ts'
import { openMachineRunners } from './machine-runners.ts'
import { openMachine, triedEncoders } from './machine.ts'
import { storeFile } from './files/data-directory.ts'
import { newHostId } from './occupancy/host-identity.ts'
import { openRunDirectory } from './run-directory.ts'
import { Teardown } from './teardown.ts'

/** Opens what displays, sound and pictures come from, tells how it went, and closes it again. */
export async function* checkMachine(options: {
  config: ServerConfig
  environment: Environment
  clock: Clock
}): AsyncGenerator<Check, void> {
  const { config, environment, clock } = options
  const { dataDirectory } = config
  const teardown = new Teardown(clock, silentLog)
  try {
    // A host of its own: a server that runs on these data is not to notice.
    const hostId = newHostId()
    const run = openRunDirectory(undefined, { hostId, xdgRuntimeDirectory: environment['XDG_RUNTIME_DIR'] })
    teardown.add('run directory', () => run[Symbol.dispose]())
    const store = openStoreIfGood(dataDirectory, clock)
    teardown.add('store', () => store.close())
    const runners = await openMachineRunners({ config, hostId, environment, clock, log: silentLog }, teardown)
    const place = { dataDirectory, hostId, environment, clock, log: silentLog }
    const catalogue = await openAppCatalogue({ records: store.apps, ...runners, ...place })
    teardown.add('apps', () => catalogue[Symbol.dispose]())
    const encoderBudget = new Writable(config.encoderBudget)
    const machine = await openMachine(
      {
        apps: catalogue.apps,
        runners,
        runDirectory: run.path,
        inlets: new UnitInlets(run.path),
        encoderBudget,
        ...place,
      },
      teardown,
    )
    yield checkDisplays(await whyNoSockets())
    yield* checkApps(machine.findings)
    yield checkUsers(machine.findings)
    yield checkSound(machine.findings)
    yield checkGamepads(machine.findings)
    yield* checkRunners(runners.abilities)
    await triedEncoders(machine, clock)
    yield* checkEncoders(machine.findings)
  } catch (error) {
    yield { what: 'Media', health: 'bad', detail: `${messageOf(error)}; install the packages anew: npm ci` }
  } finally {
    await teardown.run()
  }
}

/** The store, where there is one that can be read as it is; what is wrong with it is told by another check. */
function openStoreIfGood(dataDirectory: string, clock: Clock): Store {
  const file = storeFile(dataDirectory)
  try {
    if (existsSync(file)) return openStore(file, clock, 'refuse')
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
  }
  return openStore(':memory:', clock)
}

function checkDisplays(obstacle: string | undefined): Check {
  return {
    what: 'Displays',
    health: obstacle === undefined ? 'good' : 'poor',
    detail: obstacle ?? 'have a place for their sockets',
  }
}

function checkApps({ apps }: MachineFindings): readonly Check[] {
  return apps.map(({ title, unavailable }) => {
    return { what: title, health: unavailable === undefined ? 'good' : 'poor', detail: unavailable ?? 'can run' }
  })
}

function checkUsers({ runsAs }: MachineFindings): Check {
  const what = 'Users of apps'
  switch (runsAs.kind) {
    case 'own':
      return { what, health: 'good', detail: `each lobby's app is a user of its own, from ${runsAs.range.first} on` }
    case 'ordinary':
      return { what, health: 'good', detail: 'apps are the user who starts Porchlight' }
    case 'root':
      return { what, health: 'poor', detail: `apps run as root. ${runsAs.why}` }
  }
}

function checkSound({ noSound }: MachineFindings): Check {
  return {
    what: 'Sound',
    health: noSound === undefined ? 'good' : 'poor',
    detail: noSound ?? 'PulseAudio is here; each lobby has its own',
  }
}

function checkGamepads({ noGamepads }: MachineFindings): Check {
  return { what: 'Gamepads', health: noGamepads === undefined ? 'good' : 'poor', detail: noGamepads ?? 'uinput works' }
}

/** What apps may ask for that this machine may lack; those that do not ask run all the same. */
async function* checkRunners(abilities: RunAbilities): AsyncGenerator<Check, void> {
  const noLimits = await abilities.whyNoLimits({ cpus: 1, memoryBytes: 2 ** 30, processes: 1000 })
  const noSandbox = await abilities.whyNoSandbox()
  yield { what: 'Limits of apps', health: noLimits === undefined ? 'good' : 'poor', detail: noLimits ?? 'can be held' }
  const noContainer = await abilities.whyNoContainer()
  yield { what: 'Sandbox', health: noSandbox === undefined ? 'good' : 'poor', detail: noSandbox ?? 'bubblewrap works' }
  yield { what: 'Containers', health: noContainer === undefined ? 'good' : 'poor', detail: noContainer ?? 'can run' }
}

/** Hardware that is not there is no fault; a machine without any encoder is of no use. */
function checkEncoders({ encoders }: MachineFindings): readonly Check[] {
  if (encoders.length === 0) return [{ what: 'Encoders', health: 'bad', detail: 'they were not tried in time' }]
  const hasAny = encoders.some(({ available }) => available)
  return encoders.map(({ name, codec, available, reason }) => {
    const what = `${codecFacts[codec].title} by ${encoderTitle(name)}`
    return available
      ? { what, health: 'good', detail: 'works' }
      : { what, health: hasAny ? 'poor' : 'bad', detail: reason }
  })
}
