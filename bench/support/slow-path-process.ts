/**
 * Makes the way to one address longer, where the kernel has no netem: a TUN device that holds each packet for a while and lets it go on by
 * the way that it would have taken. It is there until the process ends, with its parent at the latest; see slow-path.ts.
 *
 *     node slow-path-process.ts DEVICE DELAY_MS
 */
import { closeSync, openSync, read, write } from 'node:fs'
import koffi from 'koffi'

const [, , device = '', delayMs = '0'] = process.argv
const setInterface = 0x4004_54ca // TUNSETIFF of linux/if_tun.h
const tunWithoutHead = 0x1001 // IFF_TUN | IFF_NO_PI
const mostBytes = 65_536

const fd = openSync('/dev/net/tun', 'r+')
const request = Buffer.alloc(40)
request.write(device, 'latin1')
request.writeUInt16LE(tunWithoutHead, 16)
const ioctl = koffi.load('libc.so.6').func('int ioctl(int fd, unsigned long request, void *argument)') as (
  fd: number,
  request: number,
  argument: Buffer,
) => number
if (ioctl(fd, setInterface, request) !== 0) throw new Error(`Cannot make the TUN device ${device}`)
process.once('disconnect', () => {
  closeSync(fd)
  process.exit(0)
})

function next(): void {
  const packet = Buffer.allocUnsafe(mostBytes)
  read(fd, packet, 0, mostBytes, null, (error, length) => {
    if (error) throw error
    const own = Buffer.from(packet.subarray(0, length))
    setTimeout(() => write(fd, own, 0, own.length, null, () => {}), Number(delayMs))
    next()
  })
}
next()
process.send?.('made')
