import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { openPartyRecords } from '../../store/open-party-records.ts'
import { silentLog } from '../../kernel/log.ts'
import { systemClock } from '../../kernel/clock.ts'

const rounds = 2
const clients = 6

test('what a control plane has acknowledged is there after it was killed, and nothing half-written', async (t) => {
  const data = temporaryDirectory(t)
  const acknowledged = new Map<string, Set<string>>()
  for (let round = 0; round < rounds; round++) {
    const plane = await start(data)
    const working = Array.from({ length: clients }, (_, client) => work(plane.url, `${round}-${client}`, acknowledged))
    // Long enough that each has been told of something.
    while (acknowledged.size < (round + 1) * clients) await pause(5)
    await pause(Math.random() * 100)
    plane.process.kill('SIGKILL')
    await once(plane.process, 'exit')
    await Promise.all(working)
  }
  const records = openPartyRecords(`${data}/parties.db`, { clock: systemClock, log: silentLog })
  t.after(() => records.close())
  const kept = await records.load()
  const peersOf = Map.groupBy(kept.peers, ({ partyId }) => partyId)
  for (const [partyId, peers] of acknowledged) {
    const there = new Set(peersOf.get(partyId)?.map(({ peerId }) => peerId))
    assert.deepEqual(
      [...peers].filter((peerId) => !there.has(peerId)),
      [],
      'nobody is missing',
    )
  }
  for (const { id, hostId } of kept.parties) {
    const addresses = kept.addresses.filter(({ partyId }) => partyId === id)
    assert.ok(
      peersOf.get(id)?.some(({ peerId }) => peerId === hostId),
      'a party has its host',
    )
    assert.equal(new Set(addresses.map(({ number }) => number)).size, addresses.length)
  }
})

/** Makes a party after the other, with a second peer in each, until nobody answers, and writes down what was acknowledged. */
async function work(url: string, name: string, acknowledged: Map<string, Set<string>>): Promise<void> {
  const call = async (path: string, token: string | undefined, body?: unknown) => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    return (await response.json()) as { token: string; party_id: string }
  }
  const info = (peerId: string) => ({ peer_id: peerId, name: peerId, public_key: 'key' })
  try {
    const [host, guest] = [`host-${name}`, `guest-${name}`]
    const { token } = await call(`/auth/register?peer_id=${host}`, undefined)
    const { token: other } = await call(`/auth/register?peer_id=${guest}`, undefined)
    for (;;) {
      const { party_id: id } = await call('/parties', token, { name, host_peer_info: info(host) })
      const peers = new Set([host])
      acknowledged.set(id, peers)
      await call(`/parties/${id}/join`, other, { peer_info: info(guest) })
      peers.add(guest)
    }
  } catch {
    // It was killed, or its pace was met.
  }
}

async function start(data: string) {
  const main = new URL('../../cli/main.ts', import.meta.url).pathname
  const process_ = spawn(process.execPath, [main, 'control', '--port', '0', '--data', data], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [line] = (await once(createInterface(process_.stdout), 'line')) as [string]
  const [url] = /http:\/\/\S+?:\d+/.exec(line) ?? assert.fail(line)
  return { process: process_, url }
}
