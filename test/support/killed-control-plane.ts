import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { silentLog } from '../../src/kernel/log.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { openPartyRecords } from '../../src/store/open-party-records.ts'

/** What was found out by killing. */
export interface KillReport {
  readonly kills: number
  /** Changes that were acknowledged. */
  readonly acknowledged: number
  /** What was not as it had been acknowledged, each as a sentence. */
  readonly faults: readonly string[]
}

/** Peers of a party with the port that each has told; undefined is a party that is over. */
type Members = ReadonlyMap<string, number> | undefined

/** What a client knows of a party: what was acknowledged last, and what it has asked for since without an answer. */
interface Belief {
  acknowledged: Members
  asked: Members | 'nothing'
}

/** One client's view over all kills. */
interface Client {
  readonly name: string
  /** Another one where the answer with its first token was lost: the ids of before are nobody's for a day. */
  generation: number
  readonly tokens: Map<string, string>
  readonly beliefs: Map<string, Belief>
  /** A party was asked for and the answer did not come: it may be there, under an id that nobody was told. */
  madeUntold: number
}

/**
 * Starts a control plane, has it work, kills it at a random moment, and again on the same data, as often as wanted. Then, and after every 50
 * kills, looks into the registry: each change that was acknowledged is there, one that was under way is there as a whole or not at all.
 */
export async function killControlPlane(options: {
  /** A directory that exists, for a new data directory each 50 kills. */
  directory: string
  kills: number
  clients: number
  /** Uniform in [0, 1). */
  random: () => number
  /** Called after each. */
  onKill?: (kill: number) => void
}): Promise<KillReport> {
  const { directory, kills, random } = options
  const faults: string[] = []
  let acknowledged = 0
  let clients: Client[] = []
  const perData = 50
  for (let kill = 0; kill < kills; kill++) {
    const data = `${directory}/data-${Math.floor(kill / perData)}`
    if (kill % perData === 0) clients = Array.from({ length: options.clients }, (_, index) => newClient(`c${index}`))
    const plane = await start(data)
    const count = { changes: 0 }
    const working = clients.map((client) => work(plane.url, client, { random, faults, count }))
    const over = new AbortController()
    void Promise.all(working).then(() => over.abort())
    // Until each has been told of something, so that there is something to lose.
    while (!over.signal.aborted && count.changes < clients.length) await pause(2)
    await pause(random() * 100)
    plane.process.kill('SIGKILL')
    await once(plane.process, 'exit')
    await Promise.all(working)
    acknowledged += count.changes
    if (kill % perData === perData - 1 || kill === kills - 1) faults.push(...(await look(data, clients)))
    options.onKill?.(kill + 1)
  }
  return { kills, acknowledged, faults }
}

function newClient(name: string): Client {
  return { name, generation: 0, tokens: new Map(), beliefs: new Map(), madeUntold: 0 }
}

/** Changes one thing after the other until nobody answers, and writes down what was acknowledged. */
async function work(
  url: string,
  client: Client,
  { random, faults, count }: { random: () => number; faults: string[]; count: { changes: number } },
): Promise<void> {
  const call = async (method: string, path: string, peerId: string, body?: unknown) => {
    const token = client.tokens.get(peerId)
    const response = await fetch(url + path, {
      method,
      headers: { 'Content-Type': 'application/json', ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as { token?: string; party_id?: string }
    // Its pace was met, and that is all there is to do in this life of it.
    if (response.status === 429) throw new Error('too fast')
    if (!response.ok) {
      faults.push(`${method} ${path} by ${peerId} is answered ${response.status} ${JSON.stringify(answer)}`)
      throw new Error('refused')
    }
    count.changes++
    return answer
  }
  const change = async (belief: Belief, after: Members, ask: () => Promise<unknown>) => {
    belief.asked = after
    await ask()
    belief.acknowledged = after
    belief.asked = 'nothing'
  }
  const info = (peerId: string, port: number) => ({
    peer_id: peerId,
    name: peerId,
    public_key: 'key',
    public_port: port,
  })
  try {
    if (client.tokens.size < 2) {
      client.tokens.clear()
      client.generation++
    }
    const [host, guest] = ['host', 'guest'].map((role) => `${client.name}-${role}-${client.generation}`) as [
      string,
      string,
    ]
    // A token that was acknowledged is good after a restart, and renewed by bringing it, whether or not the answer came.
    for (const peerId of [host, guest]) {
      const { token = '' } = await call('POST', `/auth/register?peer_id=${peerId}`, peerId)
      client.tokens.set(peerId, token)
    }
    for (;;) {
      client.madeUntold++
      const made = await call('POST', '/parties', host, { name: client.name, host_peer_info: info(host, 1) })
      client.madeUntold--
      const id = made.party_id ?? ''
      const belief: Belief = { acknowledged: new Map([[host, 1]]), asked: 'nothing' }
      client.beliefs.set(id, belief)
      const peerPath = `/parties/${id}/peers/${guest}`
      await change(
        belief,
        new Map([
          [host, 1],
          [guest, 2],
        ]),
        () => call('POST', `/parties/${id}/join`, guest, { peer_info: info(guest, 2) }),
      )
      if (random() < 0.5) {
        await change(
          belief,
          new Map([
            [host, 1],
            [guest, 3],
          ]),
          () => call('PUT', peerPath, guest, { peer_info: info(guest, 3) }),
        )
      }
      if (random() < 0.3) await change(belief, new Map([[host, 1]]), () => call('DELETE', peerPath, guest))
      if (random() < 0.3) await change(belief, undefined, () => call('DELETE', `/parties/${id}`, host))
    }
  } catch {
    // It was killed, or its pace was met; what else it was is among the faults.
  }
}

/** Looks into the registry of a control plane that is dead. */
async function look(data: string, clients: readonly Client[]): Promise<readonly string[]> {
  const records = openPartyRecords(`${data}/parties.db`, { clock: systemClock, log: silentLog })
  const { parties, peers, addresses } = await records.load()
  await records.close()
  const faults: string[] = []
  const peersOf = Map.groupBy(peers, ({ partyId }) => partyId)
  const addressesOf = Map.groupBy(addresses, ({ partyId }) => partyId)
  const kept = new Map<string, Members>()
  for (const { id, hostId } of parties) {
    const members = new Map((peersOf.get(id) ?? []).map(({ peerId, publicPort }) => [peerId, publicPort ?? 0]))
    kept.set(id, members)
    if (!members.has(hostId)) faults.push(`The party ${id} is without its host`)
    const numbers = new Map((addressesOf.get(id) ?? []).map(({ peerId, number }) => [peerId, number]))
    if ([...members.keys()].some((peerId) => !numbers.has(peerId))) faults.push(`A peer of ${id} has no address`)
    if (new Set(numbers.values()).size < numbers.size) faults.push(`An address of ${id} is there twice`)
  }
  for (const { name, beliefs, madeUntold } of clients) {
    for (const [id, { acknowledged, asked }] of beliefs) {
      const found = kept.get(id)
      kept.delete(id)
      if (isSame(found, acknowledged) || (asked !== 'nothing' && isSame(found, asked))) continue
      faults.push(`The party ${id} is ${tell(found)}, and was acknowledged as ${tell(acknowledged)}`)
    }
    const untold = [...kept].filter(([, members]) =>
      [...(members?.keys() ?? [])].some((peerId) => peerId.startsWith(`${name}-host-`)),
    )
    if (untold.length > madeUntold)
      faults.push(`${untold.length} parties of ${name} are there, and ${madeUntold} were asked for`)
    for (const [id, members] of untold) {
      if (members?.size !== 1) faults.push(`The party ${id} is ${tell(members)}, and was never joined`)
    }
  }
  return faults
}

function isSame(one: Members, other: Members): boolean {
  return tell(one) === tell(other)
}

function tell(members: Members): string {
  return members ? JSON.stringify([...members].toSorted(([one], [other]) => (one < other ? -1 : 1))) : 'over'
}

async function start(data: string) {
  const main = new URL('../../src/cli/main.ts', import.meta.url).pathname
  const process_ = spawn(process.execPath, [main, 'control', '--port', '0', '--data', data], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [line] = (await once(createInterface(process_.stdout), 'line')) as [string]
  const [url] = /http:\/\/\S+?:\d+/.exec(line) ?? []
  if (url === undefined) throw new Error(`The control plane does not start: ${line}`)
  return { process: process_, url }
}
