import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conversations } from '../server/conversations.ts'
import type { CommandContext } from './contract/command.ts'
import { exitCode } from './contract/exit-code.ts'
import { runCommand } from './run-command.ts'

async function run(...args: string[]) {
  const written = { output: '', errors: '' }
  const terminal = (name: keyof typeof written) => ({
    isTTY: false,
    columns: 80,
    write: (more: string) => void (written[name] += more),
  })
  const context: CommandContext = {
    args: ['protocol', ...args],
    environment: {},
    directory: '/',
    output: terminal('output'),
    errors: terminal('errors'),
    process: { on: () => {}, off: () => {} } as unknown as CommandContext['process'],
    exit: () => {},
  }
  return { code: await runCommand(context), ...written }
}

test('protocol list names every conversation of the house', async () => {
  const { code, output } = await run('list')
  assert.equal(code, exitCode.ok)
  for (const name of conversations.keys()) assert.match(output, new RegExp(`^${name} `, 'm'))
})

test('protocol show writes a conversation for other tools', async () => {
  const scribble = (await run('show', 'signalling')).output
  assert.match(scribble, /^module signalling;/)
  assert.match(scribble, /\/\/ at most 64 of "candidate" of client for each "offer" of client/)
  assert.match(
    scribble,
    /global protocol Deliveries\(role client, role host\) \{\n {2}rec forever \{\n {4}deliver\(\) from client to host;\n {4}delivered\(\) from host to client;\n {4}continue forever;/,
  )
  assert.match(scribble, /role_\(\) from host to client;/, 'a word of Scribble is no name in it')
  const mermaid = (await run('show', 'signalling', '--as', 'mermaid')).output
  assert.match(mermaid, /^sequenceDiagram\n {2}participant client\n {2}participant host\n {2}par negotiation\n/)
  assert.match(mermaid, /client->>host: offer\n {6}host->>client: signal \| offer-refused/)
  const dot = (await run('show', 'web media', '--as', 'dot')).output
  assert.match(dot, /^digraph "web media" \{/)
  assert.match(dot, /label="host→client: picture \| part"/)
})

test('protocol show draws every conversation in every form, with brackets that match', async () => {
  for (const name of conversations.keys()) {
    for (const as of ['scribble', 'dot', 'mermaid']) {
      const { output, code } = await run('show', name, '--as', as)
      assert.equal(code, exitCode.ok)
      const count = (pattern: RegExp) => output.match(pattern)?.length ?? 0
      if (as === 'mermaid') assert.equal(count(/^ *(par|loop|alt) /gm), count(/^ *end$/gm))
      else assert.equal(count(/\{/g), count(/\}/g))
    }
  }
})

test('protocol says what can be asked', async () => {
  for (const args of [[], ['show'], ['show', 'nothing'], ['show', 'signalling', '--as', 'xml'], ['list', 'all']]) {
    const { code, errors } = await run(...args)
    assert.equal(code, exitCode.usage, args.join(' '))
    assert.match(errors, /wanted/)
  }
})
