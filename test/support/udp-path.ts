import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { systemClock } from '../../src/kernel/clock.ts'
import { Ending, type Closable } from '../../src/kernel/ending.ts'
import { monotonicUs } from '../../src/media/contract/monotonic.ts'
import { SimulatedLink, type LinkConditions } from '../../src/net/link/simulated-link.ts'

/** A way between a receiver and the gateway that is as bad as it is told to be. */
export interface UdpPath extends Closable {
  /** Where the receiver sends to, on 127.0.0.1. */
  readonly port: number
  /** Where the gateway is, on 127.0.0.1; what comes before this is known is lost. */
  targetPort: number | undefined
  /** From the gateway to the receiver; may change while it runs. */
  readonly down: LinkConditions
  readonly up: LinkConditions
  /** Datagrams lost so far on the way down. */
  readonly lost: number
}

/** Opens a path of real datagrams through two simulated links. */
export async function openUdpPath(
  conditions: { down?: Partial<LinkConditions>; up?: Partial<LinkConditions>; seed?: number } = {},
): Promise<UdpPath> {
  const near = createSocket('udp4')
  const far = createSocket('udp4')
  const seed = conditions.seed ?? 1
  const down = new SimulatedLink<Buffer>(conditions.down ?? {}, seed)
  const up = new SimulatedLink<Buffer>(conditions.up ?? {}, seed + 1)
  let receiver: RemoteInfo | undefined
  let targetPort: number | undefined
  const deliver = (link: SimulatedLink<Buffer>, socket: Socket, to: number | undefined) => {
    for (let next = link.receive(monotonicUs()); next; next = link.receive(monotonicUs())) {
      if (to !== undefined) socket.send(next.datagram, to, '127.0.0.1')
    }
  }
  const deliverAll = () => {
    deliver(up, far, targetPort)
    deliver(down, near, receiver?.port)
  }
  near.on('message', (datagram, from) => {
    receiver = from
    up.send(datagram, datagram.length + 28, monotonicUs())
    deliverAll()
  })
  far.on('message', (datagram) => {
    down.send(datagram, datagram.length + 28, monotonicUs())
    deliverAll()
  })
  for (const socket of [near, far]) {
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
  }
  const timer = systemClock.every(1, deliverAll)
  const ending = new Ending(async () => {
    timer.cancel()
    for (const socket of [near, far]) await new Promise<void>((resolve) => void socket.close(resolve))
  })
  return {
    port: near.address().port,
    get targetPort() {
      return targetPort
    },
    set targetPort(port) {
      targetPort = port
    },
    down: down.conditions,
    up: up.conditions,
    get lost() {
      return down.lost
    },
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}
