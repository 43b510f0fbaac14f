import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Clock } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import { decodeDnsMessage, encodeDnsMessage, type DnsMessage } from '../../wire/mdns/dns-message.ts'
import { WireError } from '../../wire/wire-error.ts'
import { ServiceAnnouncer, type Multicast } from './announcer.ts'
import { ServiceBrowser } from './browser.ts'
import type { FoundService, OwnService } from './service.ts'

export interface MdnsOptions {
  /** The host's own addresses (IPv4) on the links that it may speak on, as of now. */
  readonly addresses: () => readonly string[]
  /** Whether somebody who speaks from there is heard, and whether a service there is told of. */
  readonly lets: (address: string) => boolean
  readonly clock: Clock
  /** 0 to 1. */
  readonly random: () => number
}

/** A service that is announced until it is closed. */
interface Announcement extends Disposable {
  /** What it is called; undefined before it is known that nobody else is called so. */
  readonly name: string | undefined
}

/** Finding each other on the own network, without a server for it. */
export interface Mdns extends Closable {
  /** Addresses of the links that it speaks on now. */
  readonly addresses: readonly string[]
  /** Announces a service on them. It is taken back when the announcement, or all of this, is closed. Throws RangeError beyond 16. */
  announce(service: OwnService): Announcement
  /** Tells of services of a type (`_nvstream._tcp`) at every change, until it is closed. Throws RangeError beyond 16. */
  browse(type: string, onChange: (found: readonly FoundService[]) => void): Disposable
}

const group = '224.0.0.251'
const mdnsPort = 5353
/** Only what comes from this link has it: routers count it down. */
const hops = 255
const lookAtLinksMs = 10_000
const mostParts = 16
/** A network of some hundred hosts says some ten messages a second. */
const heard = { perSecond: 200, burst: 400 }
const replied = { perSecond: 10, burst: 20 }

/**
 * Opens multicast DNS (RFC 6762) beside others on this machine that speak it. Rejects with what the system says when the port cannot be
 * shared.
 */
export async function openMdns(options: MdnsOptions): Promise<Mdns> {
  const { addresses, lets, clock, random } = options
  const nowMs = clock.nowMs()
  const hearing = new TokenBucket({ ...heard, nowMs })
  const replying = new TokenBucket({ ...replied, nowMs })
  const announcers = new Set<ServiceAnnouncer>()
  const browsers = new Set<ServiceBrowser>()
  // Of this process alone, so that nobody else can have it.
  const host = [
    `porchlight-${Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')}`,
    'local',
  ]

  const receiver = await openSocket()
  /** By the address that it sends from. */
  const senders = new Map<string, Socket>()
  let lookingAtLinks = Promise.resolve()

  const multicast: Multicast = (make) => {
    for (const [address, socket] of senders) socket.send(encodeDnsMessage(make(address)), mdnsPort, group, ignore)
  }
  const take = (message: DnsMessage, from: { readonly address: string; readonly port: number }) => {
    for (const announcer of announcers) {
      // Who asks from another port takes no part, and waits for an answer of its own (RFC 6762, 6.7).
      if (!message.isResponse && from.port !== mdnsPort) {
        const address = senders.keys().next().value
        const reply = address === undefined ? undefined : announcer.replyTo(message, address)
        if (reply && replying.take(clock.nowMs()))
          receiver.send(encodeDnsMessage(reply), from.port, from.address, ignore)
      } else announcer.take(message)
    }
    if (from.port === mdnsPort) for (const browser of browsers) browser.take(message)
  }
  receiver.on('message', (bytes, from) => {
    if (from.port === 0 || !lets(from.address) || !hearing.take(clock.nowMs())) return
    try {
      take(decodeDnsMessage(bytes), from)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
    }
  })

  /** Links come and go. */
  const lookAtLinks = async (): Promise<void> => {
    const now = new Set(addresses())
    let isChanged = false
    for (const [address, socket] of senders) {
      if (now.has(address)) continue
      senders.delete(address)
      socket.close()
      isChanged = true
    }
    for (const address of now) {
      if (senders.has(address) || ending.begun) continue
      const socket = await openLink(address, receiver)
      if (socket === undefined) continue
      if (ending.begun) return void socket.close()
      senders.set(address, socket)
      socket.on('error', () => senders.delete(address) && socket.close())
      isChanged = true
    }
    if (isChanged) for (const announcer of announcers) announcer.tell()
  }
  const timer = clock.every(lookAtLinksMs, () => {
    lookingAtLinks = lookingAtLinks.then(lookAtLinks)
  })
  const ending = new Ending(async () => {
    timer.cancel()
    for (const announcer of announcers) announcer.close()
    for (const browser of browsers) browser.close()
    await lookingAtLinks
    const sockets = [receiver, ...senders.values()]
    senders.clear()
    await Promise.all(sockets.map((socket) => closeSocket(socket)))
  })
  receiver.on('error', (error) => void ending.fail(error))
  lookingAtLinks = lookAtLinks()
  await lookingAtLinks

  return {
    get addresses() {
      return [...senders.keys()]
    },
    announce(service) {
      const announcer = added(announcers, () => new ServiceAnnouncer({ service, host, clock, random, multicast }))
      return {
        get name() {
          return announcer.name
        },
        [Symbol.dispose]: () => announcers.delete(announcer) && announcer.close(),
      }
    },
    browse(type, onChange) {
      const browser = added(browsers, () => new ServiceBrowser({ type, clock, random, multicast, lets, onChange }))
      return { [Symbol.dispose]: () => browsers.delete(browser) && browser.close() }
    },
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

function added<Part>(parts: Set<Part>, make: () => Part): Part {
  if (parts.size >= mostParts) throw new RangeError(`Cannot announce or look for more than ${mostParts} services`)
  const part = make()
  parts.add(part)
  return part
}

/** On the port that all who speak it on a machine share. */
async function openSocket(): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    reuseAddr: true,
    // Addresses are addresses: nothing is looked up.
    lookup: (address, _options, found) => found(null, address, 4),
  })
  const listening = once(socket, 'listening')
  socket.bind(mdnsPort)
  await listening
  return socket
}

/** A socket that sends on the link of an own address, and what is said there is heard; undefined when the link has gone already. */
async function openLink(address: string, receiver: Socket): Promise<Socket | undefined> {
  const socket = await openSocket()
  try {
    socket.setMulticastInterface(address)
    socket.setMulticastTTL(hops)
    // Others on this machine look too.
    socket.setMulticastLoopback(true)
    joinGroup(receiver, address)
    return socket
  } catch {
    socket.close()
    return undefined
  }
}

function joinGroup(receiver: Socket, address: string): void {
  try {
    receiver.addMembership(group, address)
  } catch (error) {
    // It has stayed from the time before the link went.
    if ((error as { code?: unknown }).code !== 'EADDRINUSE') throw error
  }
}

async function closeSocket(socket: Socket): Promise<void> {
  const closed = once(socket, 'close')
  socket.close()
  await closed
}

/** What the system does not take is lost, as any datagram. */
function ignore(): void {}
