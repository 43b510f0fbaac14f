import { setTimeout as pause } from 'node:timers/promises'
import type { NetLab } from '../../test/support/net-lab.ts'
import type { RestartablePorchlight } from '../../test/support/restartable-porchlight.ts'

/** What a cut is made in. */
export interface Scene {
  readonly lab: NetLab
  readonly server: RestartablePorchlight
}

/** Something that takes the picture away. */
export interface Cut {
  /** Happens; resolves with the moment from which a picture can come again, in milliseconds since the Unix epoch. */
  readonly happen: (scene: Scene) => Promise<number>
  /** Puts everything back for the next one. */
  readonly heal: (scene: Scene) => Promise<void>
  /** Before the page is opened, and not while it shows the lobby. */
  readonly fromTheStart?: boolean
}

const shortMs = 3000
const nothingToHeal = () => Promise.resolve()
const dropUdp = async ({ lab }: Scene) => {
  await lab.dropUdp(true)
  return Date.now()
}
const passUdp = ({ lab }: Scene) => lab.dropUdp(false)

export const cuts: Readonly<Record<string, Cut>> = {
  'link down for 3 s': {
    async happen({ lab }) {
      await lab.setLink(false)
      await pause(shortMs)
      await lab.setLink(true)
      return Date.now()
    },
    heal: nothingToHeal,
  },
  'everything dropped for 3 s': {
    async happen({ lab }) {
      await lab.dropEverything(true)
      await pause(shortMs)
      await lab.dropEverything(false)
      return Date.now()
    },
    heal: nothingToHeal,
  },
  'another address': {
    async happen({ lab }) {
      await lab.changeNetwork()
      return Date.now()
    },
    heal: nothingToHeal,
  },
  'UDP dropped': { happen: dropUdp, heal: passUdp },
  'UDP dropped from the start': { happen: dropUdp, heal: passUdp, fromTheStart: true },
  'server killed': {
    async happen({ server }) {
      await server.kill()
      return (await server.start()).listeningMs
    },
    heal: nothingToHeal,
  },
}
