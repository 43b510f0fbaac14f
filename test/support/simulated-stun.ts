import { answerStun } from '../../src/net/nat/stun-responder.ts'
import type { WireAddress } from '../../src/wire/address-bytes.ts'
import type { SimulatedNetwork } from './simulated-network.ts'

/** A STUN server with two addresses and two ports in a simulated network, or with one of each; where to ask it. */
export function openSimulatedStun(network: SimulatedNetwork, addresses: readonly string[]): WireAddress {
  const ports = addresses.length === 2 ? [3478, 3479] : [3478]
  const places = { addresses, ports }
  const sockets = addresses.map((address) => {
    const machine = network.machine('stun', address)
    return ports.map((port) => machine.open(port))
  })
  for (const [address, row] of sockets.entries()) {
    for (const [port, socket] of row.entries()) {
      socket.listen((bytes, from) => {
        const reply = answerStun(bytes, from, { places, address, port })
        if (reply) sockets[reply.address]?.[reply.port]?.send(reply.bytes, from)
        return reply !== undefined
      })
    }
  }
  return { address: addresses[0] ?? '', port: 3478 }
}
