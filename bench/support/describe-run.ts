import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release } from 'node:os'
import { basename } from 'node:path'

/** Where, of what and how figures were measured: a line for the results. */
export function describeRun(): string {
  const [cpu] = cpus()
  const system = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux'
  const command = ['npm run bench --', basename(process.argv[1] ?? '', '.ts'), ...process.argv.slice(2)].join(' ')
  return [
    `${cpus().length} × ${cpu?.model.trim()}`,
    `${system}, Linux ${release()}`,
    `Node ${process.version}`,
    `commit ${commit()}`,
    `load before ${loadavg()[0]?.toFixed(2)}`,
    `\`${command}\``,
  ].join('; ')
}

/** With a `+` when files that are part of the product differ from it. */
function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no', ':/src', ':/web', ':/bench').length > 0
    return git('rev-parse', '--short', 'HEAD') + (changed ? '+' : '')
  } catch {
    return 'unknown'
  }
}
