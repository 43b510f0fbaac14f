import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { DatagramSocket } from '../../src/net/udp/datagram-socket.ts'
import type { WireAddress } from '../../src/wire/address-bytes.ts'
import type { TurnCredentials } from '../../src/net/nat/turn-credentials.ts'

/** What a client needs of TURN (RFC 8656) to have datagrams relayed: an allocation, and a channel to one peer. For benches alone. */
const methods = { allocate: 0x0003, channelBind: 0x0009 } as const
const types = {
  username: 0x0006,
  integrity: 0x0008,
  error: 0x0009,
  channel: 0x000c,
  peer: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  transport: 0x0019,
} as const
const cookie = 0x2112a442
const channelNumber = 0x4000
const againMs = 500
const tries = 10

/** Has what is sent by `frame` relayed to a peer. Rejects when the server does not. */
export async function openTurnChannel(options: {
  readonly socket: DatagramSocket
  readonly server: WireAddress
  readonly peer: WireAddress
  readonly credentials: TurnCredentials
}): Promise<{ frame(data: Uint8Array): Uint8Array }> {
  const { socket, server, peer, credentials } = options
  let key: Buffer | undefined
  let told: Buffer[] = []
  const ask = async (method: number, attributes: readonly Buffer[]) => {
    const id = randomBytes(12)
    const signed = key
      ? [...attributes, attribute(types.username, Buffer.from(credentials.username)), ...told]
      : attributes
    const request = message(method, id, signed, key)
    const { promise, resolve } = Promise.withResolvers<Buffer>()
    const listening = socket.listen((bytes) => {
      const answer = Buffer.from(bytes)
      const isIts = answer.length >= 20 && answer.subarray(8, 20).equals(id)
      if (isIts) resolve(answer)
      return isIts
    })
    let left = tries
    const timer = setInterval(() => (left-- > 0 ? socket.send(request, server) : resolve(Buffer.alloc(20))), againMs)
    socket.send(request, server)
    const answer = await promise
    clearInterval(timer)
    listening.cancel()
    return answer
  }
  const transport = attribute(types.transport, Buffer.from([17, 0, 0, 0]))
  const refusal = await ask(methods.allocate, [transport])
  const [realm, nonce] = [valueOf(refusal, types.realm), valueOf(refusal, types.nonce)]
  if (!realm || !nonce) throw new Error('The TURN server asks for no credentials')
  told = [attribute(types.realm, realm), attribute(types.nonce, nonce)]
  key = createHash('md5').update(`${credentials.username}:${realm.toString()}:${credentials.credential}`).digest()
  for (const [method, attributes] of [
    [methods.allocate, [transport]],
    [methods.channelBind, [attribute(types.channel, Buffer.from([0x40, 0, 0, 0])), attribute(types.peer, xored(peer))]],
  ] as const) {
    const answer = await ask(method, attributes)
    if (answer.readUInt16BE(0) !== (method | 0x0100)) {
      throw new Error(`The TURN server refused: ${valueOf(answer, types.error)?.subarray(4).toString() ?? 'no answer'}`)
    }
  }
  return {
    frame(data) {
      const head = Buffer.alloc(4)
      head.writeUInt16BE(channelNumber, 0)
      head.writeUInt16BE(data.length, 2)
      return Buffer.concat([head, data])
    },
  }
}

function message(method: number, id: Buffer, attributes: readonly Buffer[], key: Buffer | undefined): Buffer {
  const body = Buffer.concat(attributes)
  const head = Buffer.alloc(20)
  head.writeUInt16BE(method, 0)
  head.writeUInt16BE(body.length + (key ? 24 : 0), 2)
  head.writeUInt32BE(cookie, 4)
  id.copy(head, 8)
  if (!key) return Buffer.concat([head, body])
  const mac = createHmac('sha1', key).update(head).update(body).digest()
  return Buffer.concat([head, body, attribute(types.integrity, mac)])
}

function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
  bytes.writeUInt16BE(type, 0)
  bytes.writeUInt16BE(value.length, 2)
  value.copy(bytes, 4)
  return bytes
}

function valueOf(answer: Buffer, wanted: number): Buffer | undefined {
  for (let at = 20; at + 4 <= answer.length;) {
    const length = answer.readUInt16BE(at + 2)
    if (answer.readUInt16BE(at) === wanted) return answer.subarray(at + 4, at + 4 + length)
    at += 4 + Math.ceil(length / 4) * 4
  }
  return undefined
}

/** Of IPv4. */
function xored({ address, port }: WireAddress): Buffer {
  const bytes = Buffer.alloc(8)
  bytes[1] = 1
  bytes.writeUInt16BE(port ^ (cookie >>> 16), 2)
  const host = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  bytes.writeUInt32BE((host ^ cookie) >>> 0, 4)
  return bytes
}
