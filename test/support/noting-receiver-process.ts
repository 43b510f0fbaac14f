/**
 * Watches by WebRTC in a process of its own, and notes each picture by one byte in a file: `k` for a key picture, `p` for another.
 *
 *     node noting-receiver-process.ts SIGNALLING_URL FILE
 */
import { appendFileSync } from 'node:fs'
import { argv } from 'node:process'
import { RtcReceiver } from './rtc-receiver.ts'

const [url = '', file = ''] = argv.slice(2)
const receiver = new RtcReceiver({ url, onPicture: ({ key }) => appendFileSync(file, key ? 'k' : 'p') })
await receiver.message('ready')
receiver.offer()
process.once('disconnect', () => process.exit(0))
