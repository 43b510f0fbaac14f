import { installNpmPackages } from './npm-packages.mjs'
import { inRoot } from './paths.mjs'
import { findNode, toolEnv } from './pinned-node.mjs'
import { runTool } from './run-tool.mjs'
import { elapsed, say } from './say.mjs'

/** @type {readonly { name: string, program: string, args: readonly string[] }[]} */
const checks = [
  { name: 'types of kernel, domain and wire', program: 'typescript/bin/tsc', args: ['-p', 'tsconfig.pure.json'] },
  { name: 'types of client and web', program: 'typescript/bin/tsc', args: ['-p', 'tsconfig.web.json'] },
  {
    name: 'types of the client tests and examples',
    program: 'typescript/bin/tsc',
    args: ['-p', 'tsconfig.client-tests.json'],
  },
  { name: 'types of the rest', program: 'typescript/bin/tsc', args: ['-p', 'tsconfig.json'] },
  { name: 'lint', program: 'oxlint/bin/oxlint', args: ['--type-aware'] },
  { name: 'format', program: 'oxfmt/bin/oxfmt', args: ['--check'] },
  { name: 'unused code and packages', program: 'knip/bin/knip.js', args: [] },
]

/**
 * Runs every check, and says which failed.
 *
 * @returns {Promise<number>} 1 when one failed
 */
export async function check() {
  await installNpmPackages()
  const node = findNode()
  /** @type {string[]} */
  const failed = []
  for (const { name, program, args } of checks) {
    const startedMs = performance.now()
    const { code, output } = await runTool({
      command: node,
      args: [inRoot('node_modules', program), ...args],
      env: toolEnv(node),
    })
    say(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${elapsed(startedMs)})`)
    if (code === 0) continue
    failed.push(name)
    process.stdout.write(`${output.trimEnd()}\n`)
  }
  say(failed.length === 0 ? 'all checks pass' : `failed: ${failed.join(', ')}`)
  return failed.length === 0 ? 0 : 1
}
