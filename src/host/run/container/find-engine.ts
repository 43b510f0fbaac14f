import { existsSync } from 'node:fs'
import { join } from 'node:path'

export type EngineSocket = { readonly path: string } | { readonly problem: string }

/**
 * Where the container engine listens: the configured socket, that of DOCKER_HOST, or the first there is of those of
 * Docker and Podman. Engines on other machines are of no use, since displays and homes are here.
 */
export function findEngine(
  configured: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  exists: (path: string) => boolean = existsSync,
): EngineSocket {
  if (configured !== undefined) return { path: configured }
  const dockerHost = environment['DOCKER_HOST']
  if (dockerHost) {
    if (dockerHost.startsWith('unix:///')) return { path: dockerHost.slice('unix://'.length) }
    return {
      problem: `DOCKER_HOST is ${dockerHost}: wanted unix:///..., a container engine on this machine. Name its socket with --container-engine`,
    }
  }
  const own = environment['XDG_RUNTIME_DIR']
  const candidates = [
    ...(own ? [join(own, 'docker.sock'), join(own, 'podman/podman.sock')] : []),
    '/run/docker.sock',
    '/var/run/docker.sock',
    '/run/podman/podman.sock',
  ]
  const path = candidates.find(exists)
  if (path !== undefined) return { path }
  return {
    problem:
      'There is no container engine here. Install one (sudo apt-get install podman, then systemctl --user enable --now podman.socket), or name its socket with --container-engine',
  }
}
