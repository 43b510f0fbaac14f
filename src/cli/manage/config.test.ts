import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { runCommand } from '../run-command.ts'

/** Runs `config` on data of its own, on which no server runs. */
function place(t: TestContext) {
  const directory = temporaryDirectory(t)
  const data = join(directory, 'data')
  const run = async (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const printed = { output: '', errors: '' }
    const terminal = (key: 'output' | 'errors') => ({
      write: (text: string) => void (printed[key] += text),
      isTTY: false,
      columns: 80,
    })
    const code = await runCommand({
      args: ['config', ...args],
      environment: { PORCHLIGHT_DATA: data, ...environment },
      directory,
      output: terminal('output'),
      errors: terminal('errors'),
      process: new EventEmitter(),
      exit: () => assert.fail('it ended itself'),
    })
    return { code, ...printed }
  }
  return { run, directory, data }
}

test('config keeps what is set, says when it counts, and forgets it', async (t) => {
  const { run, data } = place(t)
  assert.equal((await run(['get', 'port'])).output, '8080\n')
  assert.ok(!existsSync(data), 'looking makes nothing')
  assert.equal((await run(['set', 'port', '9000'])).output, 'Kept port = 9000. 9000 is in use.\n')
  assert.equal((await run(['get', 'port'])).output, '9000\n')
  const overruled = await run(['set', 'port', '9001'], { PORCHLIGHT_PORT: '7000' })
  assert.equal(overruled.output, 'Kept port = 9001. PORCHLIGHT_PORT wins over it: 7000 is in use.\n')
  const list = await run(['list'])
  assert.match(list.output, /^SETTING +VALUE +FROM/)
  assert.match(list.output, /^port +9001 +database$/m)
  assert.match(list.output, /^data +\S.* +variable$/m)
  assert.match(list.output, /^udp-port +the number of the web port +default$/m)
  assert.equal((await run(['unset', 'port'])).output, 'Forgot port. 8080 is in use.\n')
  assert.equal((await run(['get', 'port'])).output, '8080\n')
})

test('config takes lists, paths from where one stands, and never prints a secret', async (t) => {
  const { run, directory } = place(t)
  await run(['set', 'origin', 'https://a.example', 'https://b.example/play'])
  assert.equal((await run(['get', 'origin'])).output, 'https://a.example, https://b.example/play\n')
  await run(['set', 'record', 'here'])
  assert.equal((await run(['get', 'record'])).output, `${directory}/here\n`)
  const said = await run(['set', 'ice-server', 'turn:a.example,ada,swordfish'])
  assert.equal(said.code, 0)
  const all = [said, await run(['get', 'ice-server']), await run(['list', '--json']), await run(['export'])]
  assert.ok(all.every(({ output, errors }) => !`${output}${errors}`.includes('swordfish')))
  assert.equal(all[1]?.output, '(secret)\n')
})

test('what config exports, it imports elsewhere, all or nothing', async (t) => {
  const first = place(t)
  await first.run(['set', 'lobbies', '40'])
  await first.run(['set', 'size', '1920x1080'])
  const { output } = await first.run(['export'])
  const second = place(t)
  const file = join(second.directory, 'settings.toml')
  writeFileSync(file, output)
  assert.equal((await second.run(['import', 'settings.toml'])).code, 0)
  assert.equal((await second.run(['export'])).output, output)
  writeFileSync(file, 'lobbies = 5\nport = "eighty"\n')
  const refused = await second.run(['import', 'settings.toml'])
  assert.deepEqual([refused.code, (await second.run(['get', 'lobbies'])).output], [2, '40\n'])
  assert.match(refused.errors, /^Cannot use port: got "eighty", wanted a port number/)
})

test('config ends with 2 and says what would make sense', async (t) => {
  const { run } = place(t)
  const cases: [args: string[], errors: RegExp][] = [
    [['get', 'prot'], /^Cannot find a setting "prot": see config list\n/],
    [['set', 'port'], /wanted npm start -- config set NAME VALUE\.\.\./],
    [['set', 'lobbies', '0'], /^Cannot use lobbies: got "0", wanted a whole number from 1 to 1000, 32 for instance\n/],
    [['set', 'data', '/srv'], /^Cannot keep data in the settings: .*--data/],
    [['import', 'nowhere.toml'], /^Cannot import .*nowhere\.toml: ENOENT/],
    [['dance'], /wanted one of list, get, set, unset, export, import/],
  ]
  for (const [args, errors] of cases) {
    const { code, errors: said } = await run(args)
    assert.equal(code, 2, args.join(' '))
    assert.match(said, errors)
  }
})
