import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import { testCertificate } from './test-certificate.ts'

const caddy = '/usr/bin/caddy'

/** Why Caddy cannot be had here; undefined where it is. */
export const noCaddy = existsSync(caddy) ? undefined : 'caddy is not installed'

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

/** Debian's nginx with TLS on a port of loopback, with these locations, until it is disposed of. */
export function openNginx(port: number, locations: string): Promise<AsyncDisposable> {
  return openProxy(port, (at) => {
    const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${at(name)};`)
    return {
      command: ['/usr/sbin/nginx', '-p', at(''), '-c', at('configuration'), '-e', 'stderr'],
      configuration: `daemon off; worker_processes 1; pid ${at('pid')}; events {}
http {
  access_log off; ${places.join(' ')}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${at('certificate.pem')}; ssl_certificate_key ${at('key.pem')};
    proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_read_timeout 1h; proxy_buffering off;
    ${locations}
  }
}
`,
    }
  })
}

/** Debian's Caddy with TLS on a port of loopback, with these directives, until it is disposed of. */
export function openCaddy(port: number, directives: string): Promise<AsyncDisposable> {
  return openProxy(port, (at) => ({
    command: [caddy, 'run', '--adapter', 'caddyfile', '--config', at('configuration')],
    configuration: `{
  admin off
  auto_https off
  storage file_system ${at('storage')}
}
https://127.0.0.1:${port} {
  bind 127.0.0.1
  tls ${at('certificate.pem')} ${at('key.pem')}
  ${directives}
}
`,
  }))
}

/** `describe` says how a proxy is started, with a configuration file; `at` are places in a directory of its own. */
async function openProxy(
  port: number,
  describe: (at: (name: string) => string) => { readonly command: readonly string[]; readonly configuration: string },
): Promise<AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-proxy-'))
  const at = (name: string) => join(directory, name)
  const { certificate, key } = testCertificate()
  await writeFile(at('certificate.pem'), certificate)
  await writeFile(at('key.pem'), key)
  const { command, configuration } = describe(at)
  await writeFile(at('configuration'), configuration)
  const [program = '', ...words] = command
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'], env: { HOME: directory } })
  let said = ''
  child.stderr.on('data', (bytes) => (said += String(bytes)))
  const answers = () =>
    fetch(`http://127.0.0.1:${port}`, { redirect: 'manual' }).then(
      () => true,
      () => child.exitCode !== null,
    )
  await eventually(answers, (isOver) => isOver, { what: `${program}: ${said}` })
  return {
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      await rm(directory, { recursive: true, force: true })
    },
  }
}
