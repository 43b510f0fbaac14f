import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { temporaryDirectory } from './support/temporary-directory.ts'

const root = join(import.meta.dirname, '..')
const imports = /(?:^|[\s;}])(?:import|export)\s[^'"();]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\)/g

test('the client for other programs needs nothing beside it, and is small', async (t) => {
  for (const name of ['dist/client/index.js', 'dist/client/index.d.ts', 'dist/web/client.js']) {
    const text = await readFile(join(root, name), 'utf8')
    const found = [...text.matchAll(imports)].map(([, from, asked]) => from ?? asked)
    assert.deepEqual(found, [], name)
  }
  const { length } = gzipSync(await readFile(join(root, 'dist/web/client.js')))
  t.diagnostic(`client.js has ${(length / 1024).toFixed(1)} kB when it is compressed`)
  assert.ok(length < 64 * 1024)
})

test('porchlight/client can be imported by its name, and its types are understood', async (t) => {
  const directory = temporaryDirectory(t)
  await mkdir(join(directory, 'node_modules'))
  await symlink(root, join(directory, 'node_modules/porchlight'))
  await writeFile(join(directory, 'package.json'), '{"type":"module"}')
  await writeFile(
    join(directory, 'program.ts'),
    `import { ClientError, PorchlightClient, type ConnectionStatus } from 'porchlight/client'
const client = new PorchlightClient({ signallingUrl: 'ws://127.0.0.1:1', media: 'none', reconnection: { enabled: false } })
const seen: ConnectionStatus[] = []
client.on('stateChange', (state) => seen.push(state))
const error: unknown = await client.start().catch((reason: unknown) => reason)
const sent: Promise<void> = client.sendText('Hello')
sent.catch(() => {})
await client.close()
console.log(seen.join(), error instanceof ClientError && error.code)
`,
  )
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const flags = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2022,esnext.disposable,dom',
    '--types',
    '',
  ]
  const run = promisify(execFile)
  await run(process.execPath, [compiler, ...flags, 'program.ts'], { cwd: directory }).catch((error: unknown) => {
    assert.fail(String((error as { stdout?: string }).stdout))
  })
  const { stdout } = await run(process.execPath, ['program.ts'], { cwd: directory })
  assert.equal(stdout.trim(), 'connecting,failed,closed signalling-lost')
})
