import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findExecutable } from '../../src/host/child/find-executable.ts'
import { EngineClient } from '../../src/host/run/container/engine-client.ts'
import { eventually } from './eventually.ts'

const run = promisify(execFile)

/** A Podman of a test's own, behind the API socket that it shares with Docker; its images and containers are its own too. */
export interface TestEngine extends AsyncDisposable {
  readonly socketPath: string
  /** Kills the service; what it has started may run on. */
  kill(): Promise<void>
  podman(...words: string[]): Promise<string>
}

/** Of this machine's own files: a shell, a terminal and a recorder. */
export const testImage = 'localhost/porchlight-test:1'

/**
 * Machines without the right to raise limits, in containers for instance, cannot start any with Podman's usual ones: a
 * runtime that leaves them as they are can.
 */
const runtimes = [
  { name: 'crun', cgroups: 'enabled' },
  { name: 'runc', cgroups: 'enabled' },
  { name: 'crun', cgroups: 'disabled' },
] as const

/** Starts one, or says why none can run containers here. */
export async function openTestEngine(): Promise<TestEngine | string> {
  const podman = await findExecutable('podman')
  const busybox = await findExecutable('busybox')
  if (podman === undefined || busybox === undefined) return 'podman and busybox-static are not installed'
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-podman-'))
  const storage = `[storage]\ndriver="vfs"\nrunroot="${directory}/runroot"\ngraphroot="${directory}/graph"\n`
  await writeFile(join(directory, 'storage.conf'), storage)
  const reasons: string[] = []
  let isImported = false
  for (const { name, cgroups } of runtimes) {
    const runtime = await findExecutable(name)
    if (runtime === undefined) continue
    const env = await configure(directory, { name, runtime, cgroups })
    const command = (...words: string[]) => run(podman, words, { env, timeout: 60_000 }).then(({ stdout }) => stdout)
    try {
      if (!isImported) await importImage(directory, busybox, command)
      isImported = true
      await command('run', '--rm', '--network=none', testImage, '/bin/true')
      return await serve(directory, podman, env, command)
    } catch (error) {
      reasons.push(`${name}: ${String(error).split('\n').slice(0, 2).join(' ')}`)
    }
  }
  await rm(directory, { recursive: true, force: true })
  return reasons.join('; ') || 'neither crun nor runc is installed'
}

async function configure(
  directory: string,
  { name, runtime, cgroups }: { readonly name: string; readonly runtime: string; readonly cgroups: string },
): Promise<NodeJS.ProcessEnv> {
  const wrapper = join(directory, `${name}-here`)
  const strip = `const fs = require("fs"); const f = process.argv[1] + "/config.json";
if (fs.existsSync(f)) { const c = JSON.parse(fs.readFileSync(f)); delete c.process.rlimits; fs.writeFileSync(f, JSON.stringify(c)) }`
  const script = `#!/bin/sh
bundle=; previous=
for word in "$@"; do [ "$previous" = --bundle ] && bundle=$word; previous=$word; done
[ -n "$bundle" ] && '${process.execPath}' -e '${strip}' "$bundle"
exec '${runtime}' "$@"
`
  await writeFile(wrapper, script)
  await chmod(wrapper, 0o755)
  const file = join(directory, 'containers.conf')
  const engine = `[engine]\ncgroup_manager="cgroupfs"\nevents_logger="file"\nruntime="${name}"\nruntime_supports_nocgroups=["crun"]`
  const text = `[containers]\ncgroups="${cgroups}"\n${engine}\n[engine.runtimes]\n${name}=["${wrapper}"]\n`
  await writeFile(file, text)
  return { ...process.env, CONTAINERS_CONF: file, CONTAINERS_STORAGE_CONF: join(directory, 'storage.conf') }
}

async function serve(
  directory: string,
  podman: string,
  env: NodeJS.ProcessEnv,
  command: (...words: string[]) => Promise<string>,
): Promise<TestEngine> {
  const socketPath = join(directory, 'podman.sock')
  const service = spawn(podman, ['system', 'service', '--time=0', `unix://${socketPath}`], { env, stdio: 'ignore' })
  const client = new EngineClient(socketPath)
  await eventually(
    () => client.ask('GET', '/_ping').catch(() => undefined),
    (answer) => answer !== undefined,
    { what: 'an answer of Podman' },
  ).catch(() => {})
  return {
    socketPath,
    podman: command,
    kill: () => killed(service),
    async [Symbol.asyncDispose]() {
      await command('rm', '--all', '--force', '--time=0').catch(() => {})
      await killed(service)
      await rm(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function killed(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null || service.signalCode !== null) return
  service.kill('SIGKILL')
  await once(service, 'exit')
}

async function importImage(
  directory: string,
  busybox: string,
  podman: (...words: string[]) => Promise<string>,
): Promise<void> {
  const root = join(directory, 'root')
  for (const name of ['bin', 'usr/bin', 'etc', 'tmp', 'run', 'home', 'proc', 'sys', 'dev', 'var']) {
    await mkdir(join(root, name), { recursive: true })
  }
  await chmod(join(root, 'tmp'), 0o1777)
  await copyFile(busybox, join(root, 'bin/busybox'))
  for (const name of [
    'sh',
    'ls',
    'cat',
    'sleep',
    'id',
    'env',
    'grep',
    'touch',
    'true',
    'setsid',
    'tail',
    'seq',
    'head',
  ]) {
    await symlink('busybox', join(root, 'bin', name))
  }
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\n')
  for (const name of ['xterm', 'pactl', 'parec']) await copyProgram(root, name)
  const tar = join(directory, 'root.tar')
  await run('tar', ['-C', root, '-cf', tar, '.'])
  await podman('import', tar, testImage)
  await rm(tar)
}

/** A program of this machine with the libraries that it needs. */
async function copyProgram(root: string, name: string): Promise<void> {
  const program = await findExecutable(name)
  if (program === undefined) return
  const { stdout } = await run('ldd', [program])
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path)
  for (const path of [program, ...libraries]) {
    await mkdir(join(root, dirname(path)), { recursive: true })
    await copyFile(path, join(root, path))
  }
}
