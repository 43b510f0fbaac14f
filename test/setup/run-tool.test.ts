import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { lastLines, runTool } from '../../scripts/setup/run-tool.mjs'

describe('runTool', () => {
  it('tells code and output, and hands over whole lines, when the tool ends', async () => {
    const lines: string[] = []
    const program = "process.stdout.write('on'); process.stdout.write('e\\ntwo\\n'); process.exitCode = 3"
    const result = await runTool({
      command: process.execPath,
      args: ['-e', program],
      onLine: (line: string) => lines.push(line),
    })
    assert.deepEqual(result, { code: 3, output: 'one\ntwo\n' })
    assert.deepEqual(lines, ['one', 'two'])
  })

  it('ends with 127 when the command does not exist or may not be run', async () => {
    assert.equal((await runTool({ command: 'no-such-command-here', args: [] })).code, 127)
    assert.equal((await runTool({ command: fileURLToPath(import.meta.url), args: [] })).code, 127)
  })
})

describe('lastLines', () => {
  it('indents the end of what was printed', () => assert.equal(lastLines('a\nb\nc\n', 2), '    b\n    c'))
})
