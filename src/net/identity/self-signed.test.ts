import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { makeSelfSigned } from './self-signed.ts'

const dayMs = 24 * 3600_000
const options = {
  serial: new Uint8Array(16).fill(0xff),
  commonName: 'Porchlight on box',
  names: ['localhost', 'box.local', '192.168.1.5', 'fd00::2'],
  notBeforeMs: Date.now() - dayMs,
  notAfterMs: Date.now() + 300 * dayMs,
}

for (const keyType of ['ec', 'rsa'] as const) {
  test(`makeSelfSigned makes an ${keyType} certificate that its own key has signed`, () => {
    const made = makeSelfSigned({ ...options, keyType })
    const certificate = new X509Certificate(made.certificate)
    assert.ok(certificate.verify(certificate.publicKey))
    assert.ok(certificate.checkPrivateKey(createPrivateKey(made.key)))
    assert.equal(certificate.publicKey.asymmetricKeyType, keyType)
    const { namedCurve, modulusLength } = certificate.publicKey.asymmetricKeyDetails ?? {}
    assert.deepEqual([namedCurve, modulusLength], keyType === 'ec' ? ['prime256v1', undefined] : [undefined, 2048])
    assert.ok(certificate.checkHost('box.local') && certificate.checkIP('fd00::2'))
    assert.equal(certificate.checkHost('other.local'), undefined)
  })

  test(`openssl trusts an ${keyType} certificate for its names and for no others`, { skip: noOpenssl() }, (t) => {
    const file = join(scratch(t), 'certificate.pem')
    writeFileSync(file, makeSelfSigned({ ...options, keyType }).certificate)
    const verify = (...flags: string[]) =>
      execFileSync('openssl', ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', file, ...flags, file], {
        stdio: ['ignore', 'pipe', 'pipe'],
        encoding: 'utf8',
      })
    assert.equal(verify('-verify_hostname', 'box.local'), `${file}: OK\n`)
    assert.equal(verify('-verify_ip', '192.168.1.5'), `${file}: OK\n`)
    assert.throws(() => verify('-verify_hostname', 'other.local'), /hostname mismatch/)
    assert.throws(() => verify('-verify_ip', '192.168.1.6'), /IP address mismatch/)
    const text = execFileSync('openssl', ['x509', '-in', file, '-noout', '-text'], { encoding: 'utf8' })
    assert.match(
      text,
      /Version: 3 [^]*Basic Constraints: critical\s+CA:FALSE[^]*Key Usage: critical\s+Digital Signature/,
    )
    assert.match(text, /Extended Key Usage:\s+TLS Web Server Authentication/)
  })
}

test('makeSelfSigned makes another key each time', () => {
  const [first, second] = [1, 2].map(
    () => new X509Certificate(makeSelfSigned({ ...options, keyType: 'ec' }).certificate),
  )
  assert.notEqual(first?.fingerprint256, second?.fingerprint256)
  assert.ok(!first?.publicKey.equals(second?.publicKey ?? first.publicKey))
})

/** Why nothing can be checked by openssl; false where it can. */
function noOpenssl(): string | false {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return false
  } catch {
    return 'there is no openssl here'
  }
}

function scratch(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-certificate-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}
