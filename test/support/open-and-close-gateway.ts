import { setTimeout as passed } from 'node:timers/promises'
import { openGatewayRig } from './gateway-rig.ts'

/**
 * A program that opens a gateway, shows a picture to two viewers, one of which vanishes, and closes it. Nothing of it may
 * keep the process alive, or end it badly.
 */
const ends: (() => Promise<void>)[] = []
const rig = await openGatewayRig({ after: (end) => ends.push(end) })
const [, vanishes] = await Promise.all([rig.watching(), rig.watching()])
vanishes.cutSocket()
await rig.close()
console.log('closed')
const tooLong = passed(5000, undefined, { ref: false })
void tooLong.then(() => {
  console.log('still alive', process.getActiveResourcesInfo())
  process.exit(1)
})
