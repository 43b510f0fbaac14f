import assert from 'node:assert/strict'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import * as v from 'valibot'
import { createdInvitation, lobby, member, network, recordPage, setting } from '../../../src/wire/api/resources.ts'
import { runCommandLine } from '../../support/command-line.ts'
import { openPorchlight } from '../../support/running-porchlight.ts'
import { RtcReceiver } from '../../support/rtc-receiver.ts'

const house = await openPorchlight({ flags: ['--app', 'test-pattern'] })
after(() => house[Symbol.asyncDispose]())
const data = join(house.directory, 'data')

/** Runs a command beside the server. */
function run(args: readonly string[], environment: Record<string, string> = { PORCHLIGHT_DATA: data }) {
  return runCommandLine(args, { HOME: house.directory, ...environment })
}

async function json<Schema extends v.GenericSchema>(schema: Schema, ...args: string[]) {
  const { code, output, errors } = await run([...args, '--json'])
  assert.equal(code, 0, errors)
  return v.parse(schema, JSON.parse(output))
}

test('lobbies are started, found by title, changed and stopped from the command line', async () => {
  const made = await json(lobby, 'lobby', 'start', 'test-pattern', '--title', 'Night\u001B[31m', '--restart', 'never')
  assert.equal(made.restart, 'never')
  const changed = await json(lobby, 'lobby', 'change', made.id.slice(0, 8), '--title', 'Day')
  assert.deepEqual([changed.id, changed.title], [made.id, 'Day'])
  const list = await run(['lobby', 'list'])
  assert.match(list.output, /^ID +TITLE +APP +STATUS +PEOPLE\n/)
  assert.match(list.output, new RegExp(`^${made.id.slice(0, 8)} +Day +test-pattern`, 'm'))
  assert.equal((await run(['lobby', 'stop', 'day'])).output, 'Stopped Day.\n')
  const gone = await run(['lobby', 'show', 'Day'])
  assert.equal(gone.code, 2)
  assert.match(gone.errors, /Cannot tell which lobby "Day" is: there is none\. See npm start -- lobby list/)
})

test('the network is let in and shut out from the command line, and links lead there', async (t) => {
  const shut = await run(['network', 'show'])
  assert.match(shut.output, /^Network +shut out: this computer only\n/)
  const opened = await run(['network', 'open', '--remember', '--json'])
  if (opened.code !== 0) {
    assert.match(opened.errors, /Cannot let the network in: this machine has no private address/)
    return t.skip('this machine has no private address')
  }
  const { open, remembered, addresses } = v.parse(network, JSON.parse(opened.output))
  assert.deepEqual([open, remembered], [true, true])
  const made = await run(['invite', 'create', 'Test pattern'])
  assert.ok(
    addresses.some(({ link }) => made.output.includes(` ${link}#invite=`)),
    made.output,
  )
  assert.match((await run(['network', 'close'])).output, /^Network +shut out/)
})

test('a setting that is kept from the command line is heeded at once, and its source is told', async () => {
  const kept = await run(['config', 'set', 'lobbies', '1'])
  assert.match(kept.output, /^Kept lobbies = 1\. It counts at once: 1 is in use\.\n$/, kept.errors)
  assert.equal((await house.api('POST', 'lobbies', { body: { appId: 'test-pattern' } })).status, 429)
  const list = await json(v.array(setting), 'config', 'list')
  const sources = list.map(({ name, source, value }) => [name, source, value])
  assert.deepEqual(
    sources.filter(([name]) => name === 'lobbies' || name === 'app'),
    [
      ['app', 'flag', 'test-pattern'],
      ['lobbies', 'database', 1],
    ],
  )
  assert.match((await run(['config', 'unset', 'lobbies'])).output, /16 is in use/)
})

test('a link that was made on the command line lets somebody in, whose session can be ended and is recorded', async () => {
  const made = await json(
    v.object({ ...createdInvitation.entries, link: v.string() }),
    'invite',
    'create',
    'Test pattern',
    '--role',
    'viewer',
    '--for',
    '2h',
  )
  assert.ok(made.link.startsWith(new URL(house.link).origin))
  const token = new URLSearchParams(new URL(made.link).hash.slice(1)).get('invite') ?? ''
  await using guest = new RtcReceiver({ url: house.signallingUrl, token, lobbyId: made.lobbyId })
  await guest.message('ready')
  const { sessionId } = guest.session
  assert.match((await run(['session', 'list'])).output, new RegExp(`^${sessionId} `, 'm'))
  assert.equal((await run(['session', 'end', sessionId])).code, 0)
  await guest.until(({ closeCode }) => closeCode !== undefined, 'the end')
  const { records } = await json(recordPage, 'session', 'records', '--cause', 'stopped')
  assert.deepEqual(
    records.map((record) => record.sessionId),
    [sessionId],
  )
  assert.match((await run(['session', 'show', sessionId])).output, /^Ended +.*: stopped$/m)
  assert.equal((await run(['invite', 'revoke', made.id])).code, 0)
  assert.match((await run(['invite', 'list'])).output, /revoked/)
})

test('a guest is let into one more lobby, out of it again, and may play, from the command line', async () => {
  const first = await house.firstLobby()
  const second = v.parse(
    lobby,
    (await house.api('POST', 'lobbies', { body: { appId: 'test-pattern', title: 'Second' } })).json(),
  )
  const { token } = await house.invite(first.id, 'viewer')
  const redeemed = { claim: 'c'.repeat(43), name: 'Mia' }
  await house.api('POST', 'invitations/redeem', { token, body: redeemed })
  const admitted = await json(member, 'member', 'admit', 'mia', 'Second')
  assert.deepEqual(admitted.lobbyIds, [first.id, second.id])
  assert.match((await run(['members', 'list'])).output, /Mia +viewer +Test pattern, Second +no/)
  assert.deepEqual((await json(member, 'member', 'close', 'Mia', 'Second')).lobbyIds, [first.id])
  assert.match((await run(['member', 'close', 'Mia', 'Test pattern'])).errors, /their link is for it/)
  assert.equal((await json(member, 'member', 'role', 'Mia', 'player')).role, 'player')
  assert.equal((await run(['member', 'role', 'Mia', 'king'])).code, 2)
  assert.equal((await run(['member', 'out', 'Mia'])).output, 'Showed Mia out.\n')
  assert.match((await run(['member', 'out', 'Mia'])).errors, /there is none/)
  await house.api('DELETE', `lobbies/${second.id}`)
})

test('a PIN and a QR code come with a link when they are asked for', async () => {
  const { output } = await run(['invite', 'create', 'Test pattern', '--pin', '--uses', '1', '--qr'])
  assert.match(output, /^PIN +\d{4,8}$/m)
  assert.match(output, /[▀▄█]{5}/)
})

test('apps are imported and exported', async () => {
  const file = join(house.directory, 'more.toml')
  await writeFile(file, '[apps.clock]\ntitle = "Clock"\ncommand = ["xclock"]\n')
  const imported = await run(['app', 'import', file])
  assert.equal(imported.code, 0, imported.errors)
  assert.match(imported.output, /^Created +clock$/m)
  assert.match((await run(['app', 'list'])).output, /^clock +Clock +settings/m)
  assert.match((await run(['app', 'export'])).output, /Clock/)
  assert.equal((await run(['app', 'remove', 'clock'])).code, 0)
  const broken = await run(['app', 'import', join(house.directory, 'nowhere.toml')])
  assert.deepEqual([broken.code, /Cannot import .*nowhere/.test(broken.errors)], [2, true])
})

test('the way in is for this user alone, is no secret of others, and ends with the server', async () => {
  const path = join(data, 'local-access.json')
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  await using other = await openPorchlight({ flags: ['--no-lobby'] })
  const there = join(other.directory, 'data')
  assert.equal((await run(['lobby', 'list'], { PORCHLIGHT_DATA: there })).output, 'No lobby is on.\n')
  await other.stop()
  const { code, errors } = await run(['lobby', 'list'], { PORCHLIGHT_DATA: there })
  assert.equal(code, 2)
  assert.match(errors, /^Cannot find a server: none runs on the data in .* Start one with npm start/)
})

test('a server elsewhere is named by --url, with its token from the environment and never from a flag', async () => {
  const url = new URL(house.link).origin
  const nowhere = join(house.directory, 'nothing')
  const named = await run(['lobby', 'list', '--url', url], {
    PORCHLIGHT_DATA: nowhere,
    PORCHLIGHT_TOKEN: house.ownerToken,
  })
  assert.match(named.output, /Test pattern/)
  const without = await run(['lobby', 'list', '--url', url], { PORCHLIGHT_DATA: nowhere })
  assert.deepEqual([without.code, without.errors.includes('PORCHLIGHT_TOKEN')], [2, true])
  const wrong = await run(['lobby', 'list', '--url', url], {
    PORCHLIGHT_DATA: nowhere,
    PORCHLIGHT_TOKEN: 'x'.repeat(43),
  })
  assert.equal(wrong.code, 1)
  assert.match(wrong.errors, /The token is not known there/)
  const deaf = await run(['lobby', 'list', '--url', 'http://127.0.0.1:1'], { PORCHLIGHT_TOKEN: 'x' })
  assert.equal(deaf.code, 1)
  assert.match(deaf.errors, /Is Porchlight running there\?/)
  assert.equal((await run(['lobby', 'list', '--token', 'x'])).code, 2)
})

test('a server elsewhere is asked by HTTPS when its certificate is trusted, and not before', async () => {
  const url = `https://127.0.0.1:${house.port}`
  const environment = { PORCHLIGHT_DATA: join(house.directory, 'nothing'), PORCHLIGHT_TOKEN: house.ownerToken }
  const refused = await run(['lobby', 'list', '--url', url], environment)
  assert.equal(refused.code, 1)
  assert.match(refused.errors, /Its certificate is not one that is trusted here: .* NODE_EXTRA_CA_CERTS/)
  const trusted = { ...environment, NODE_EXTRA_CA_CERTS: join(data, 'certificate.pem') }
  assert.match((await run(['lobby', 'list', '--url', url], trusted)).output, /Test pattern/)
})

test('each command teaches its verbs, and says what is wrong with what was typed', async () => {
  for (const name of ['lobby', 'app', 'invite', 'member', 'session']) {
    const help = await run([name, '--help'], {})
    assert.deepEqual([help.code, help.errors], [0, ''])
    assert.match(help.output, /Usage: npm start -- \w+ VERB\n/)
  }
  assert.match((await run(['invite', 'create', '--help'], {})).output, /--for TIME/)
  const wrong = [
    ['lobby', 'dance'],
    ['lobby', 'start'],
    ['lobby', 'start', 'a', '--size', 'big'],
    ['invite', 'create', 'Test pattern', '--for', 'ever'],
  ]
  for (const args of wrong) assert.equal((await run(args)).code, 2, args.join(' '))
})
