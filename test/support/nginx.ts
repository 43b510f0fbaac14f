import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import { testCertificate } from './test-certificate.ts'

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
export async function openNginx(port: number, locations: string): Promise<AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-nginx-'))
  const at = (name: string) => join(directory, name)
  const { certificate, key } = testCertificate()
  await writeFile(at('certificate.pem'), certificate)
  await writeFile(at('key.pem'), key)
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${at(name)};`)
  await writeFile(
    at('nginx.conf'),
    `daemon off; worker_processes 1; pid ${at('pid')}; events {}
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
  )
  const words = ['-p', directory, '-c', at('nginx.conf'), '-e', 'stderr']
  const child = spawn('/usr/sbin/nginx', words, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (bytes) => (said += String(bytes)))
  await eventually(
    () =>
      fetch(`http://127.0.0.1:${port}`, { redirect: 'manual' }).then(
        () => true,
        () => child.exitCode !== null,
      ),
    (isOver) => isOver,
    { what: `nginx: ${said}` },
  )
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
