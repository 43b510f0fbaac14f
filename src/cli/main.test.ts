import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

interface Run {
  readonly child: ChildProcess
  /** All that it has printed so far. */
  readonly printed: { output: string; errors: string }
  /** Resolves when the output matches; rejects when it ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

/** Runs the command line in a directory of its own. */
function porchlight(t: TestContext, args: string[], directory = scratch(t)): Run & { directory: string } {
  const environment = { ...process.env, PORCHLIGHT_DATA: join(directory, 'data'), XDG_RUNTIME_DIR: directory }
  const child = spawn(process.execPath, [main, ...args], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  const printed = { output: '', errors: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.errors += text))
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  const says = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(printed.output)
      if (match) return match
      await Promise.race([
        once(child.stdout, 'data'),
        ended.then(() => assert.fail(`${printed.output}${printed.errors}`)),
      ])
    }
  }
  return { child, printed, says, ended, directory }
}

function scratch(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'pl-cli-'))
  t.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))
  return directory
}

const quick = ['--port', '0', '--app', 'test-pattern']

test('up prints the banner, stops on a signal with 0 and leaves nothing', async (t) => {
  const run = porchlight(t, quick)
  const [, port, token] = await run.says(/Open {4}http:\/\/localhost:(\d+)\/#token=([\w-]{43})\n/)
  await run.says(/Lobby {3}Test pattern {2}1280x720@60 {2}H\.264 {2}\S+\n(.*\n)* {2}Stop {4}Ctrl\+C\n/)
  assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200)
  run.child.kill('SIGTERM')
  assert.equal(await run.ended, 0)
  assert.match(run.printed.output, /Stopping[^]*Porchlight is off\.\n$/)
  assert.deepEqual(readdirSync(run.directory), ['data'])
  assert.ok(!run.printed.errors.includes(token ?? 'none'))
})

test('up fails with 1 and names the flag when the port is taken', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const run = porchlight(t, ['--port', String((other.address() as AddressInfo).port)])
  assert.equal(await run.ended, 1)
  assert.match(run.printed.errors, /^Cannot listen on port \d+ of 127\.0\.0\.1: .* --port .*\n$/)
  assert.equal(run.printed.output, '')
})

test('a wrong command line ends with 2 and says what is wrong', async (t) => {
  const cases: [args: string[], errors: RegExp][] = [
    [
      ['dance'],
      /^Cannot run "dance": wanted one of up, doctor, owner-link, lobby, app, invite, member, device, session, moonlight, network, config, party, control, view, relay, protocol, replay, verify-ledger, help, version\. See npm start -- --help\.$/m,
    ],
    [['--prot', '8080'], /--prot'\. .*See npm start -- --help\.$/m],
    [['up', 'now'], /now/],
    [['--port', 'eighty'], /^Cannot use --port: got "eighty", wanted a port number/],
    [['replay', 'nowhere.jsonl'], /^Cannot replay .*nowhere\.jsonl: ENOENT/],
    [['--app', 'tetris', '--port', '0'], /^Cannot use --app: got "tetris"/m],
  ]
  for (const [args, errors] of cases) {
    const run = porchlight(t, args)
    assert.equal(await run.ended, 2, args.join(' '))
    assert.match(run.printed.errors, errors)
  }
})

test('--help names every command and flag, --version the version', async (t) => {
  const help = porchlight(t, ['--help'])
  assert.equal(await help.ended, 0)
  for (const word of ['up', 'doctor', 'owner-link', '--port', '--udp-port', '--ice-server', '--new-owner-link']) {
    assert.ok(help.printed.output.includes(word), word)
  }
  for (const line of help.printed.output.split('\n')) assert.ok(line.length <= 120, line)
  const version = porchlight(t, ['--version'])
  assert.equal(await version.ended, 0)
  assert.match(version.printed.output, /^\d+\.\d+\.\d+\n$/)
})

test('owner-link replaces the link of a running server with one for the same address', async (t) => {
  const run = porchlight(t, [...quick, '--no-lobby'])
  const [, link, first] = await run.says(/Open {4}(http:\S+)#token=(\S+)/)
  const renewed = porchlight(t, ['owner-link'], run.directory)
  assert.equal(await renewed.ended, 0)
  const [, newLink, second] = /^(http:\S+)#token=([\w-]{43})\n$/.exec(renewed.printed.output) ?? []
  assert.equal(newLink, link)
  const status = async (token: string | undefined) =>
    (await fetch(`${link}api/v1/me`, { headers: { Authorization: `Bearer ${token}` } })).status
  assert.equal(await status(first), 401)
  assert.equal(await status(second), 200)
  run.child.kill('SIGTERM')
  assert.equal(await run.ended, 0)
})

test('a QR code is printed when it is asked for', async (t) => {
  const run = porchlight(t, [...quick, '--no-lobby', '--qr'])
  await run.says(/\(QR code below\)[^]*[█▀▄]{5}/)
  run.child.kill('SIGTERM')
  assert.equal(await run.ended, 0)
})

test('doctor tells of everything that is needed', async (t) => {
  const run = porchlight(t, ['doctor', '--port', '0'])
  await run.ended
  for (const what of [
    'Node',
    'Packages',
    'Web page',
    'Data',
    'Web port',
    'Media port',
    'HTTPS',
    'Virtual LAN',
    'Desktop',
    'Sound',
    'H.264',
  ]) {
    assert.match(run.printed.output, new RegExp(`^(ok|less|MISSING) +${what}`, 'm'))
  }
  assert.deepEqual(readdirSync(run.directory), [])
})

test('doctor --network tells which paths there are, and that an unanswered STUN server leaves the web port', async (t) => {
  const unanswered = porchlight(t, ['doctor', '--network', '--ice-server', 'stun:127.0.0.1:9'])
  const unasked = porchlight(t, ['doctor', '--network'])
  assert.equal(await unanswered.ended, 0)
  assert.match(unanswered.printed.output, /STUN server +127\.0\.0\.1:9 does not answer/)
  assert.match(unanswered.printed.output, /NAT +UDP does not get through: no answer from 127\.0\.0\.1:9/)
  assert.match(unanswered.printed.output, /Path: web port/)
  assert.equal(await unasked.ended, 0)
  assert.match(unasked.printed.output, /not known: name a STUN server with --ice-server/)
})

test('relay makes the key of an issuer once, runs until it is told to stop, and says what it lacks', async (t) => {
  const directory = scratch(t)
  const made = porchlight(t, ['relay', 'key', join(directory, 'issuer.pem')])
  assert.equal(await made.ended, 0)
  const issuer = made.printed.output.trim()
  assert.match(issuer, /^[\w-]{43}$/)
  const again = porchlight(t, ['relay', 'key', join(directory, 'issuer.pem')])
  assert.equal(await again.ended, 1)
  const nameless = porchlight(t, ['relay', '--issuer', `-${'A'.repeat(42)}`])
  assert.equal(await nameless.ended, 2)
  assert.match(nameless.printed.errors, /wanted --name HOST:PORT/)
  const where = ['--address', '127.0.0.1', '--port', '0', '--status-port', '0']
  const run = porchlight(t, ['relay', '--name', 'relay.test:3478', '--issuer', issuer, ...where])
  const [, status] = await run.says(/Status (http:\S+)/)
  assert.match(await (await fetch(status ?? '')).text(), /^porchlight_relay_sessions 0$/m)
  run.child.kill('SIGTERM')
  assert.equal(await run.ended, 0)
})
