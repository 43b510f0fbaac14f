import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

const marker = 'PORCHLIGHT_PRIVATE_NETWORK'

/** Whether this machine lets us have one. */
export function canHavePrivateNetwork(): boolean {
  return spawnSync('unshare', [...asRoot(), '--net', '--', 'true']).status === 0
}

/**
 * True in a network namespace that nobody else uses; elsewhere it runs this program again in one, where it can lay cables
 * and limit them, and ends this process with it. Needs no root where users may make namespaces.
 */
export async function inPrivateNetwork(): Promise<boolean> {
  if (process.env[marker] === 'private') return true
  const [, script = '', ...args] = process.argv
  const again = [process.execPath, ...process.execArgv, script, ...args]
  const command = ['--pdeathsig', 'TERM', 'unshare', ...asRoot(), '--net', '--', ...again]
  const child = spawn('setpriv', command, { stdio: 'inherit', env: { ...process.env, [marker]: 'private' } })
  const [code] = await once(child, 'exit')
  process.exitCode = typeof code === 'number' ? code : 1
  return false
}

function asRoot(): string[] {
  return process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
}
