import { randomInt } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Clock } from '../../kernel/clock.ts'
import { Ending, type Closable, type End } from '../../kernel/ending.ts'
import { EnetHost } from '../../net/enet/enet-host.ts'
import type { EnetAddress, EnetPeer, EnetVisitor } from '../../net/enet/enet-peer.ts'

/** Somebody who may come: how they are known, and what is done with what they send. */
export interface ExpectedStream {
  readonly connectData: number
  readonly pingPayloads: Readonly<Record<'audio' | 'video', string>>
  /** Somebody connects who may be it. Undefined turns them away. */
  connected(peer: () => EnetPeer): EnetVisitor | undefined
  /** Pictures, or sound, are to be sent there from now. */
  pinged(kind: 'audio' | 'video', from: EnetAddress): void
}

/** The one UDP port of pictures, sound and control. */
export interface StreamPort extends Closable {
  readonly address: EnetAddress
  /** Throws nothing: what cannot be sent now is lost, as on any path. */
  send(parts: readonly Uint8Array[], to: EnetAddress): void
  /** Until the function that it gives is called. */
  expect(stream: ExpectedStream): () => void
}

/** 16 characters and a counter. */
const pingBytes = 20
const payloadBytes = 16
const bufferBytes = 1024 * 1024

/** Binds the port. Rejects with what the system says. */
export async function openStreamPort(options: {
  readonly port: number
  readonly bindAddress: string | undefined
  readonly clock: Clock
}): Promise<StreamPort> {
  const { port, bindAddress, clock } = options
  const isV6 = bindAddress?.includes(':') === true
  const socket: Socket = createSocket({
    type: isV6 ? 'udp6' : 'udp4',
    // Addresses are addresses: nothing is looked up.
    lookup: (address, _options, found) => found(null, address, isV6 ? 6 : 4),
  })
  const expected = new Map<number, ExpectedStream>()
  const pings = new Map<string, { stream: ExpectedStream; kind: 'audio' | 'video' }>()
  const sendDatagram = (parts: readonly Uint8Array[], { port: toPort, address }: EnetAddress) => {
    // Without a callback, what the system does not take is lost without a word, and a packet costs a tenth less.
    socket.send(parts as Uint8Array[], toPort, address)
  }
  const enet = new EnetHost({
    clock,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    send: (bytes, to) => sendDatagram([bytes], to),
    admit(data, _from, peer) {
      return expected.get(data)?.connected(peer)
    },
  })
  socket.on('message', (bytes, { address, port: fromPort }) => {
    // Nobody can be answered there.
    if (fromPort === 0) return
    const from = { address, port: fromPort }
    const ping = bytes.length === pingBytes ? pings.get(bytes.toString('latin1', 0, payloadBytes)) : undefined
    if (ping) ping.stream.pinged(ping.kind, from)
    else enet.receive(bytes, from)
  })
  // It may be bound before the call returns.
  const listening = once(socket, 'listening')
  socket.bind(port, bindAddress)
  await listening
  socket.setRecvBufferSize(bufferBytes)
  socket.setSendBufferSize(bufferBytes)
  const ending = new Ending(async () => {
    enet[Symbol.dispose]()
    socket.close()
    await once(socket, 'close')
  })
  // A socket that breaks later is of no use to anybody.
  socket.on('error', (error) => void ending.fail(error))

  return {
    get address() {
      const { address, port: ownPort } = socket.address()
      return { address, port: ownPort }
    },
    send(parts, to) {
      if (!ending.begun) sendDatagram(parts, to)
    },
    expect(stream) {
      expected.set(stream.connectData, stream)
      for (const kind of ['audio', 'video'] as const) pings.set(stream.pingPayloads[kind], { stream, kind })
      return () => {
        expected.delete(stream.connectData)
        for (const payload of Object.values(stream.pingPayloads)) pings.delete(payload)
      }
    },
    closed: ending.closed satisfies Promise<End>,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}
