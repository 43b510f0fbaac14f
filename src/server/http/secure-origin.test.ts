import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { TLSSocket } from 'node:tls'
import { secureOrigin } from './secure-origin.ts'

const both = { allowedOrigins: [], speaksTls: true }

/** A request with these headers, plain unless a socket is given. */
const request = (headers: IncomingHttpHeaders, socket = new Socket()) => ({ headers, socket })

function tlsSocket(t: TestContext): TLSSocket {
  const socket = new TLSSocket(new Socket())
  t.after(() => socket.destroy())
  return socket
}

test('secureOrigin is the same name and port, as one port speaks both', (t) => {
  assert.equal(secureOrigin(request({ host: '192.168.1.5:8080' }), both), 'https://192.168.1.5:8080')
  assert.equal(secureOrigin(request({ host: '[fd00::5]:8080' }), both), 'https://[fd00::5]:8080')
  assert.equal(secureOrigin(request({ host: 'box.local' }), both), 'https://box.local:80')
  assert.equal(secureOrigin(request({ host: 'box.local' }, tlsSocket(t)), both), 'https://box.local')
})

test('secureOrigin prefers a configured origin of the same name', () => {
  const options = { allowedOrigins: ['http://box.lan', 'https://box.lan:8443', 'https://other.lan'], speaksTls: false }
  assert.equal(secureOrigin(request({ host: 'box.lan:8080' }), options), 'https://box.lan:8443')
  assert.equal(secureOrigin(request({ host: 'box.lan', via: '1.1 proxy' }), options), 'https://box.lan:8443')
})

test('secureOrigin is not known without TLS, behind a proxy, and where the request names no host', () => {
  assert.equal(secureOrigin(request({ host: 'box:8080' }), { ...both, speaksTls: false }), undefined)
  for (const header of ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto']) {
    assert.equal(secureOrigin(request({ host: 'box:8080', [header]: 'x' }), both), undefined, header)
  }
  for (const host of [undefined, '', 'two words']) assert.equal(secureOrigin(request({ host }), both), undefined)
})
