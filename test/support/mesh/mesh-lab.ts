import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { keyPairFrom } from '../../../src/net/native/node-crypto.ts'
import { signingKeyOf } from '../../../src/net/relay/lease-signing.ts'
import { openControlPlane } from '../../../src/party/control/open-control-plane.ts'
import { PartyRegistry } from '../../../src/party/registry/party-registry.ts'
import { openMemoryPartyRecords } from '../../../src/store/memory-party-records.ts'
import { openRelay } from '../../../src/relay/open-relay.ts'
import { encodeKey } from '../../../src/wire/wireguard/wireguard-key.ts'
import { findProgram } from '../../../src/party/mesh/device/run-program.ts'
import { labServers, NatLab, type LabNat } from '../nat-lab.ts'
import { MemberProcess } from './member-process.ts'

/** What a lab of the mesh lacks here; undefined when it has all. */
export function meshLabLacks(): string | undefined {
  if (process.getuid?.() !== 0) return 'it takes root: interfaces of WireGuard, and namespaces for each machine'
  if (findProgram('wireguard-go') === undefined) return 'there is no wireguard-go (Debian: apt install wireguard-go)'
  if (spawnSync('nft', ['--version']).status !== 0) return 'there is no nft (nftables), of which routers are made'
  return undefined
}

export const gamePort = 27_960

export interface MeshLabOptions {
  readonly nats: readonly LabNat[]
  /** Of a copy. */
  readonly copyBytes?: number
  /** Whether direct paths are probed for by birthday. */
  readonly probesByBirthday?: boolean
}

/**
 * Machines behind routers, all in one party, with a relay that the first of them lends; this process is the public network, has the control plane
 * whose tunnel they may take, and passes on what they signal. To be opened in a network namespace of one's own.
 */
export class MeshLab implements AsyncDisposable {
  readonly members: readonly MemberProcess[]
  readonly lab: NatLab
  readonly #open: AsyncDisposableStack

  private constructor(open: AsyncDisposableStack, lab: NatLab, members: readonly MemberProcess[]) {
    this.#open = open
    this.lab = lab
    this.members = members
  }

  static async open(options: MeshLabOptions): Promise<MeshLab> {
    const { nats, copyBytes = 4 * 1024 * 1024, probesByBirthday = false } = options
    await using open = new AsyncDisposableStack()
    const homes = mkdtempSync(join(tmpdir(), 'porchlight-mesh-'))
    open.defer(() => rmSync(homes, { recursive: true, force: true }))
    const lab = open.use(await NatLab.open(nats))
    const { privateKey } = generateKeyPairSync('ed25519')
    const server = { address: labServers[0], port: 3478 }
    open.use(
      await openRelay({
        addresses: labServers,
        port: server.port,
        name: 'relay.lab',
        issuers: [signingKeyOf(privateKey).publicKey],
        workers: 1,
        limits: { asking: { packetsPerS: 1000, burst: 1000 } },
      }),
    )
    const ids = lab.hosts.map((_host, at) => `m${at + 1}`)
    const { url, tokens } = await openPlane(ids, open)
    const issuer = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const members = await Promise.all(
      lab.hosts.map(async (host, at) => {
        const home = mkdtempSync(join(homes, 'home-'))
        const start = {
          id: ids[at] ?? '',
          virtualIp: `10.66.0.${at + 1}`,
          secret: newSecret(),
          home,
          server,
          plane: { url, token: tokens[at] ?? '' },
          // Each lends it: which end does is agreed on by themselves.
          relayIssuer: issuer,
          gamePorts: '27950-27970',
          gamePort,
          copyBytes,
          probesByBirthday,
        }
        return open.use(await MemberProcess.open(host, start))
      }),
    )
    for (const member of members) {
      member.onSignal = (peer, data) => {
        members.find(({ start }) => start.id === peer)?.tell({ type: 'signal', peer: member.start.id, data })
      }
    }
    return new MeshLab(open.move(), lab, members)
  }

  /** All of them know each other from now on. */
  meet(members: readonly MemberProcess[] = this.members): void {
    const told = members.map(({ start: { id, virtualIp, secret } }) => ({
      id,
      name: id,
      virtualIp,
      publicKey: encodeKey(keyPairFrom(Buffer.from(secret, 'base64')).publicKey),
    }))
    for (const member of members) {
      member.tell({ type: 'peers', others: told.filter(({ id }) => id !== member.start.id) })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open.disposeAsync()
  }
}

/** A control plane with all of them in one party. */
async function openPlane(ids: readonly string[], open: AsyncDisposableStack) {
  const registry = await PartyRegistry.open({ records: openMemoryPartyRecords(), clock: systemClock, log: silentLog })
  const tokens = await Promise.all(ids.map(async (id) => (await registry.tokens.register(id)).token))
  const unknown = { publicIp: undefined, publicPort: undefined, localIp: undefined, localPort: undefined }
  const peers = ids.map((peerId) => ({ peerId, name: peerId, publicKey: '', natType: 'unknown' as const, ...unknown }))
  const [host, ...others] = peers
  if (!host) throw new RangeError('A party has a host')
  await registry.registerParty({ id: 'lab', name: 'Lab', host, admission: 'id' })
  for (const peer of others) await registry.joinParty('lab', peer)
  const [address] = labServers
  const plane = await openControlPlane({ registry, host: address, port: 8090, clock: systemClock, log: silentLog })
  open.defer(() => plane.close())
  return { url: `http://${address}:${plane.address.port}`, tokens }
}

/** 32 random bytes that are a key of X25519. */
function newSecret(): string {
  const { d = '' } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' })
  return Buffer.from(d, 'base64url').toString('base64')
}

/** What a machine drops from now on: all UDP, but that to and from the relay unless it is to be cut too. Returns what lets it through again. */
export async function cutDirectPaths(
  member: MemberProcess,
  { withRelay = false }: { withRelay?: boolean } = {},
): Promise<() => void> {
  const butRelay = (end: 'saddr' | 'daddr') => (withRelay ? '' : `ip ${end} != ${labServers[0]} `)
  const nft = (rules: string) => {
    const [command, ...args] = [...member.host.prefix, 'nft', rules]
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`Cannot cut: ${stderr}`)
  }
  nft(`table ip cut {
    chain out { type filter hook output priority filter; oifname "eth0" meta l4proto udp ${butRelay('daddr')}drop; }
    chain in { type filter hook input priority filter; iifname "eth0" meta l4proto udp ${butRelay('saddr')}drop; }
  }`)
  return () => nft('delete table ip cut')
}
