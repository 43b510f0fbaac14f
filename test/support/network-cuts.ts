import { setTimeout as pause } from 'node:timers/promises'
import { viewerProcess } from './lobby-machine.ts'
import type { NetLab } from './net-lab.ts'
import type { RestartablePorchlight } from './restartable-porchlight.ts'

/** What a cut is made in. */
export interface CutScene {
  readonly lab: NetLab
  readonly server: RestartablePorchlight
}

/** Something that takes the picture away. */
export interface Cut {
  /** Happens; resolves with the moment from which a picture can come again, in milliseconds since the Unix epoch. */
  readonly happen: (scene: CutScene) => Promise<number>
  /** Puts everything back for the next one. */
  readonly heal: (scene: CutScene) => Promise<void>
  /** Before the page is opened, and not while it shows the lobby. */
  readonly fromTheStart?: boolean
}

const shortMs = 3000
const nothingToHeal = () => Promise.resolve()
const dropUdp = async ({ lab }: CutScene) => {
  await lab.dropUdp(true)
  return Date.now()
}
const passUdp = ({ lab }: CutScene) => lab.dropUdp(false)

function awayForAWhile(take: (lab: NetLab, isAway: boolean) => Promise<void>): Cut {
  return {
    async happen({ lab }) {
      await take(lab, true)
      await pause(shortMs)
      await take(lab, false)
      return Date.now()
    },
    heal: nothingToHeal,
  }
}

/** What serves all viewers by UDP ends, or stands still. */
function endViewerProcess(signal: NodeJS.Signals): Cut {
  return {
    async happen({ server }) {
      const { pid } = await viewerProcess(server.house)
      process.kill(pid, signal)
      return Date.now()
    },
    heal: nothingToHeal,
  }
}

/** By name. */
export const networkCuts: Readonly<Record<string, Cut>> = {
  'link down for 3 s': awayForAWhile((lab, isAway) => lab.setLink(!isAway)),
  'everything dropped for 3 s': awayForAWhile((lab, isAway) => lab.dropEverything(isAway)),
  'another address': {
    async happen({ lab }) {
      await lab.changeNetwork()
      return Date.now()
    },
    heal: nothingToHeal,
  },
  'UDP dropped': { happen: dropUdp, heal: passUdp },
  'UDP dropped from the start': { happen: dropUdp, heal: passUdp, fromTheStart: true },
  'viewer process killed': endViewerProcess('SIGKILL'),
  'viewer process stopped': endViewerProcess('SIGSTOP'),
  'server killed': {
    async happen({ server }) {
      await server.kill()
      return (await server.start()).listeningMs
    },
    heal: nothingToHeal,
  },
}
