import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts'
import { systemClock } from '../../../kernel/clock.ts'
import { silentLog } from '../../../kernel/log.ts'
import { NetworkLinks } from './network-links.ts'
import { openWireGuard } from './open-wireguard.ts'

const key = (byte: number) => Buffer.alloc(32, byte)
const name = 'porch01234567'

/** A machine whose `ip` makes interfaces of WireGuard, or says why not; both programs write down what they are called with. */
function openMachine(t: TestContext, refusal?: string) {
  const directory = temporaryDirectory(t)
  const calls = join(directory, 'calls')
  const dump = [key(1).toString('base64'), key(2).toString('base64'), '41000', 'off'].join('\t')
  const peer = [key(9).toString('base64'), '(none)', '127.0.0.1:4000', '10.66.0.2/32', '0', '0', '0', '25'].join('\t')
  const program = (file: string, ...lines: readonly string[]) => {
    const path = join(directory, file)
    writeFileSync(path, ['#!/bin/sh', `echo "${file} $*" >> ${calls}`, ...lines, ''].join('\n'), { mode: 0o700 })
    return path
  }
  const ip = refusal === undefined ? program('ip') : program('ip', `echo "${refusal}" >&2`, 'exit 2')
  const wg = program(
    'wg',
    `case "$1" in`,
    `  set) case "$*" in *private-key*) cat /dev/stdin >> ${calls};; esac;;`,
    `  show) printf '%s\\n' '${dump}' '${peer}';;`,
    'esac',
  )
  const options = { name, links: new NetworkLinks(ip), clock: systemClock, log: silentLog }
  return { wg, options, called: () => readFileSync(calls, 'utf8').trim().split('\n') }
}

test('openWireGuard takes the kernel’s where that makes an interface, and sets it up by wg as wg(8) has it', async (t) => {
  const { wg, options, called } = openMachine(t)
  const { device, why } = await openWireGuard({ ...options, programs: { wg, wireguardGo: '/nowhere/wireguard-go' } })
  assert.equal(device.kind, 'kernel')
  assert.match(why, /the kernel has WireGuard, and .*wg sets it up/)
  await device.change({ privateKey: key(1), listenPort: 0 })
  const peer = { publicKey: key(9), endpoint: { address: '127.0.0.1', port: 4000 }, allowedIps: ['10.66.0.2/32'] }
  await device.change({ peers: [{ ...peer, keepaliveS: 25 }] })
  await device.change({ replacesPeers: true })
  const { listenPort, peers } = await device.status()
  assert.deepEqual([listenPort, peers[0]?.allowedIps], [41_000, ['10.66.0.2/32']])
  await device.close()
  const nine = key(9).toString('base64')
  assert.deepEqual(called(), [
    `ip link add dev ${name} type wireguard`,
    `wg set ${name} listen-port 0 private-key /dev/stdin`,
    key(1).toString('base64'),
    `wg set ${name} peer ${nine} endpoint 127.0.0.1:4000 persistent-keepalive 25 allowed-ips 10.66.0.2/32`,
    `wg show ${name} dump`,
    `wg set ${name} peer ${nine} remove`,
    `wg show ${name} dump`,
    `ip link delete dev ${name}`,
  ])
})

test('openWireGuard says what is lacking where the kernel makes no interface and wireguard-go is not there', async (t) => {
  const unknown = openMachine(t, 'Error: Unknown device type.')
  const nothing = { wg: unknown.wg, wireguardGo: undefined }
  await assert.rejects(openWireGuard({ ...unknown.options, programs: nothing }), { code: 'no-wireguard' })
  const forbidden = openMachine(t, 'RTNETLINK answers: Operation not permitted')
  await assert.rejects(
    openWireGuard({ ...forbidden.options, programs: { wg: forbidden.wg, wireguardGo: undefined } }),
    {
      code: 'not-permitted',
      message: /Operation not permitted/,
    },
  )
  // Without wg nobody could set it up: the kernel is not asked.
  await assert.rejects(openWireGuard({ ...unknown.options, programs: { wg: undefined, wireguardGo: undefined } }), {
    code: 'no-wireguard',
  })
  assert.equal(unknown.called().length, 1)
})
