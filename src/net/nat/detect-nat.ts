import { formatAddress, type WireAddress } from '../../wire/address-bytes.ts'
import type { NatFiltering, NatFindings, NatMapping } from './nat-findings.ts'
import type { StunAnswer, StunTransactions } from './stun-transactions.ts'

export interface DetectNatOptions {
  /** On the socket that the traffic goes over. */
  readonly stun: Pick<StunTransactions, 'ask'>
  /** STUN servers; the first that answers is asked, and one with two addresses rather than one without. Eight at most. */
  readonly servers: readonly WireAddress[]
  /** Where this machine's interfaces are, and the port of the socket: what is seen there is behind no NAT. */
  readonly addresses: readonly string[]
  readonly port: number
}

interface Answered {
  readonly server: WireAddress
  readonly answer: StunAnswer
  readonly reflexive: WireAddress
}

/**
 * Finds out what a NAT does to a socket, as RFC 5780 has it: who may send to it first, while nothing was sent to the server's other
 * address yet, then whether its public address depends on who it sends to. Where no server has two addresses, two servers
 * tell the latter.
 */
export async function detectNat(options: DetectNatOptions): Promise<NatFindings> {
  const { stun, servers } = options
  if (servers.length === 0) return { kind: 'blocked', why: 'No STUN server is known that would tell about UDP' }
  const answered: Answered[] = []
  for (const server of servers.slice(0, 8)) {
    const answer = await stun.ask(server)
    const reflexive = answer?.message.attributes.xorMappedAddress ?? answer?.message.attributes.mappedAddress
    if (answer?.message.kind === 'success' && reflexive) answered.push({ server, answer, reflexive })
    // Two that answer are enough where neither has another address.
    if (answered.some(({ answer: { message } }) => message.attributes.otherAddress) || answered.length === 2) break
  }
  const [first] = answered
  if (!first) {
    const asked = servers.slice(0, 8).map(formatAddress).join(', ')
    return { kind: 'blocked', why: `UDP does not get through: no answer from ${asked}` }
  }
  const whole = answered.find(({ answer: { message } }) => message.attributes.otherAddress) ?? first
  const { reflexive } = whole
  const other = whole.answer.message.attributes.otherAddress
  const hasNoNat = options.addresses.includes(reflexive.address) && reflexive.port === options.port
  const found = { kind: 'found', reflexive, roundTripMs: whole.answer.roundTripMs } as const
  const seenAs = [...answered.map((each) => each.reflexive), reflexive]
  if (!other) {
    const second = answered.find(({ server }) => server.address !== first.server.address)
    const mapping = hasNoNat ? 'none' : second ? mappingBySecond(first, second) : 'unknown'
    const why = 'a STUN server with two addresses would tell more'
    return { ...found, mapping, filtering: 'unknown', seen: once(seenAs), why }
  }
  const filtering = await filteringBy(stun, whole.server)
  const { mapping, others } = hasNoNat ? { mapping: 'none' as const, others: [] } : await mappingBy(stun, whole, other)
  const why = mapping === 'unknown' ? `no answer from ${formatAddress(other)}` : undefined
  return { ...found, mapping, filtering, seen: once([...others, ...seenAs]), why }
}

async function filteringBy(stun: DetectNatOptions['stun'], server: WireAddress): Promise<NatFiltering> {
  const comes = async (change: { address: boolean; port: boolean }) =>
    (await stun.ask(server, { changeRequest: change }))?.message.kind === 'success'
  if (await comes({ address: true, port: true })) return 'endpoint-independent'
  return (await comes({ address: false, port: true })) ? 'address-dependent' : 'address-and-port-dependent'
}

async function mappingBy(
  stun: DetectNatOptions['stun'],
  { server, reflexive }: Answered,
  other: WireAddress,
): Promise<{ readonly mapping: NatMapping; readonly others: readonly WireAddress[] }> {
  const seenFrom = async (at: WireAddress) => (await stun.ask(at))?.message.attributes.xorMappedAddress
  const second = await seenFrom({ address: other.address, port: server.port })
  if (!second) return { mapping: 'unknown', others: [] }
  if (isSame(second, reflexive)) return { mapping: 'endpoint-independent', others: [] }
  const third = await seenFrom(other)
  const mapping = third && isSame(third, second) ? 'address-dependent' : 'address-and-port-dependent'
  return { mapping, others: third ? [second, third] : [second] }
}

/** By two servers it cannot be told whether the port plays a part; who depends on the address cannot be reached either way. */
function mappingBySecond(first: Answered, second: Answered): NatMapping {
  return isSame(first.reflexive, second.reflexive) ? 'endpoint-independent' : 'address-and-port-dependent'
}

/** Each once, where it stands last. */
function once(addresses: readonly WireAddress[]): readonly WireAddress[] {
  return addresses.filter((each, at) => !addresses.slice(at + 1).some((later) => isSame(each, later)))
}

function isSame(a: WireAddress, b: WireAddress): boolean {
  return a.port === b.port && a.address === b.address
}
