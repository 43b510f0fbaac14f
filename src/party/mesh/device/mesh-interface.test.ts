import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { eventually } from '../../../../test/support/eventually.ts'
import { meshLabLacks } from '../../../../test/support/mesh/mesh-lab.ts'
import { inPrivateNetwork } from '../../../../test/support/private-network.ts'
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts'
import { systemClock } from '../../../kernel/clock.ts'
import { silentLog } from '../../../kernel/log.ts'
import type { KeptText } from './interface-record.ts'
import { KernelWireGuard } from './kernel-wireguard.ts'
import { interfaceNameOf, installedPrograms, isMeshInterface, MeshInterface } from './mesh-interface.ts'
import { socketOf } from './user-space-wireguard.ts'

const secret = Buffer.alloc(32, 7)
const other = Buffer.alloc(32, 9)

/** What keeps a text as long as the test lasts. */
function keptHere(): KeptText & { text: string | undefined } {
  return {
    text: undefined,
    read() {
      return this.text
    },
    write(text) {
      this.text = text
    },
    remove() {
      this.text = undefined
    },
  }
}

const open = (t: TestContext, kept: KeptText = keptHere(), range = '10.66.0.0/16') => {
  const home = join(temporaryDirectory(t), 'home')
  const options = { home, range, address: '10.66.3.7/16', privateKey: secret, mtuBytes: 1280, kept }
  return { home, name: interfaceNameOf(home), options: { ...options, clock: systemClock, log: silentLog } }
}

test('isMeshInterface knows the interface of any host of this machine, and no other', () => {
  assert.ok(isMeshInterface(interfaceNameOf('/var/lib/one')) && isMeshInterface(interfaceNameOf('/var/lib/another')))
  for (const name of ['eth0', 'porch', 'porch0', 'wg0', 'porch01234567x']) assert.ok(!isMeshInterface(name), name)
})

async function testInterface(): Promise<void> {
  spawnSync('ip', ['link', 'set', 'lo', 'up'])

  test('MeshInterface is there with its address, takes peers and lets them go, and leaves nothing', async (t) => {
    const kept = keptHere()
    const { name, options } = open(t, kept)
    const mesh = await MeshInterface.open(options)
    assert.match(
      spawnSync('ip', ['address', 'show', 'dev', name], { encoding: 'utf8' }).stdout,
      /mtu 1280[^]*10\.66\.3\.7\/16/,
    )
    assert.ok(kept.text?.includes(name))
    const peer = { publicKey: other, endpoint: { address: '127.0.0.1', port: 4000 }, allowedIps: ['10.66.0.2/32'] }
    await mesh.change({ peers: [{ ...peer, keepaliveS: 25 }] })
    const { peers, hasKey, listenPort } = await mesh.status()
    assert.ok(hasKey && listenPort > 0)
    assert.deepEqual(peers[0]?.allowedIps, ['10.66.0.2/32'])
    await mesh.change({ peers: [{ publicKey: other, isRemoved: true }] })
    assert.equal((await mesh.status()).peers.length, 0)
    await mesh.close()
    await assert.rejects(mesh.status(), { code: 'closed' })
    assert.deepEqual([kept.text, existsSync(socketOf(name))], [undefined, false])
    assert.notEqual(spawnSync('ip', ['link', 'show', 'dev', name]).status, 0)
  })

  test('KernelWireGuard says and hears by wg what others do by UAPI', { skip: lacksWg() }, async (t) => {
    const { name, options } = open(t)
    await using mesh = await MeshInterface.open(options)
    const byWg = new KernelWireGuard(installedPrograms().wg ?? '', name, async () => {})
    const peer = { publicKey: other, endpoint: { address: '127.0.0.1', port: 4000 }, allowedIps: ['10.66.0.2/32'] }
    await byWg.change({ privateKey: secret, peers: [{ ...peer, keepaliveS: 25 }] })
    const [told, seen] = [await byWg.status(), await mesh.status()]
    assert.deepEqual(told.peers[0]?.allowedIps, ['10.66.0.2/32'])
    assert.deepEqual(told.peers[0]?.endpoint, seen.peers[0]?.endpoint)
    assert.equal(told.listenPort, seen.listenPort)
    await byWg.change({ replacesPeers: true })
    assert.equal((await mesh.status()).peers.length, 0)
    await byWg.close()
  })

  test('MeshInterface tells a range that is used here, and leaves nothing', async (t) => {
    spawnSync('ip', ['link', 'add', 'used', 'type', 'veth', 'peer', 'name', 'usedtoo'])
    spawnSync('ip', ['address', 'add', '10.66.9.1/24', 'dev', 'used'])
    spawnSync('ip', ['link', 'set', 'used', 'up'])
    const kept = keptHere()
    await assert.rejects(MeshInterface.open(open(t, kept).options), {
      code: 'address-conflict',
      message: /10\.66\.9\./,
    })
    assert.equal(kept.text, undefined)
    spawnSync('ip', ['link', 'delete', 'used'])
  })

  test('MeshInterface says that another host of this machine is in the network already, which stays as it is', async (t) => {
    await using first = await MeshInterface.open(open(t).options)
    const kept = keptHere()
    await assert.rejects(MeshInterface.open({ ...open(t, kept).options, home: 'a second host' }), {
      code: 'address-conflict',
      message: new RegExp(`Another Porchlight.*by ${first.name}`),
    })
    assert.equal(kept.text, undefined)
    assert.ok((await first.status()).hasKey)
  })

  test('MeshInterface says what to install where there is no WireGuard', async (t) => {
    const programs = { wg: undefined, wireguardGo: undefined }
    await assert.rejects(MeshInterface.open({ ...open(t).options, programs }), {
      code: 'no-wireguard',
      message: /apt install wireguard-go/,
    })
  })

  test('MeshInterface ends what a former run has left by its record, and no other interface', async (t) => {
    const kept = keptHere()
    const { name, options } = open(t, kept)
    const strange = `porch${'0'.repeat(8)}`
    const left = [name, strange].map((each) => spawn('wireguard-go', ['-f', each], { stdio: 'ignore' }))
    // In order, so that none leaves its socket.
    t.after(() => left.forEach((each) => each.kill('SIGTERM')))
    await eventually(
      () => [name, strange].every((each) => existsSync(socketOf(each))),
      (there) => there,
      { what: 'both are there' },
    )
    kept.text = JSON.stringify({ name, alias: `porchlight-${'0'.repeat(32)}` })
    const mesh = await MeshInterface.open(options)
    assert.ok(left[0]?.signalCode ?? left[0]?.exitCode !== null)
    assert.deepEqual([left[1]?.signalCode, left[1]?.exitCode], [null, null])
    await mesh.close()
    for (const text of ['{', '{"name":"eth0","alias":"x"}', '{"name":"porch00000000"}']) {
      kept.text = text
      await (await MeshInterface.open(options)).close()
      assert.ok(existsSync(socketOf(strange)))
    }
  })
}

function lacksWg(): string | false {
  return installedPrograms().wg === undefined && 'there is no wg (Debian: apt install wireguard-tools)'
}

const lacks = meshLabLacks()
if (lacks !== undefined) test('MeshInterface', { skip: lacks })
else if (await inPrivateNetwork()) await testInterface()
