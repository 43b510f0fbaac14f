import assert from 'node:assert/strict'
import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { eventually } from '../../../test/support/eventually.ts'
import { testCertificate } from '../../../test/support/test-certificate.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { openLog } from '../../observe/open-log.ts'
import { encodeCertificate, encodeTbsCertificate } from '../../wire/x509/certificate.ts'
import type { TlsChoice } from '../config/config.ts'
import { ServerError } from '../contract/server-error.ts'
import { openCertificate, type HostCertificate } from './open-certificate.ts'

const dayMs = 24 * 3600_000
const startMs = Date.UTC(2026, 0, 1)

/** A data directory, and a machine whose addresses can change. */
function place(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-tls-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const logged: string[] = []
  const addresses = ['127.0.0.1', '192.168.1.5']
  const open = async (atMs = startMs, tls: TlsChoice = { kind: 'own' }, dataDirectory = directory) => {
    const clock = new ManualClock(atMs)
    const certificate = await openCertificate({
      config: { tls, dataDirectory, host: '0.0.0.0', allowedOrigins: [] },
      clock,
      log: openLog({ level: 'info', destination: { write: (line) => logged.push(line) } }),
      machine: { hostname: () => 'box', addresses: () => addresses },
    })
    assert.ok(certificate)
    t.after(async () => {
      await certificate.close()
      assert.equal(clock.pending, 0)
    })
    return { certificate, clock }
  }
  return { directory, file: join(directory, 'certificate.pem'), addresses, logged, open }
}

const fingerprintOf = ({ current }: HostCertificate) => current.value.fingerprint

test('openCertificate is undefined when TLS is turned off', async (t) => {
  const { directory } = place(t)
  const config = { tls: { kind: 'off' }, dataDirectory: directory, host: '0.0.0.0', allowedOrigins: [] } as const
  const log = openLog({ level: 'silent', destination: { write: () => {} } })
  assert.equal(await openCertificate({ config, clock: new ManualClock(), log }), undefined)
  assert.deepEqual(readdirSync(directory), [])
})

test('openCertificate makes a certificate at the first start and serves the same one from then on', async (t) => {
  const { directory, file, open } = place(t)
  const first = (await open()).certificate
  assert.ok(first.isOwn)
  assert.deepEqual(readdirSync(directory), ['certificate.pem'])
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal(fingerprintOf((await open(startMs + 300 * dayMs)).certificate), fingerprintOf(first))
  const { certificate, notBeforeMs, notAfterMs, names } = first.current.value
  assert.ok(notAfterMs - notBeforeMs < 398 * dayMs)
  assert.ok(notBeforeMs < startMs && notAfterMs > startMs + 390 * dayMs)
  assert.deepEqual(names, ['localhost', '127.0.0.1', '0:0:0:0:0:0:0:1', 'box', 'box.local', '192.168.1.5'])
  assert.equal(new X509Certificate(certificate).subject, 'CN=Porchlight on box')
})

test('the own certificate is renewed before it expires, at a start and while the server runs', async (t) => {
  const { open, logged } = place(t)
  const first = fingerprintOf((await open()).certificate)
  const renewalMs = startMs + 367 * dayMs - 3600_000
  const { certificate, clock } = await open(renewalMs - 30_000)
  assert.equal(fingerprintOf(certificate), first)
  clock.advance(60_000)
  const second = fingerprintOf(certificate)
  assert.notEqual(second, first)
  const third = fingerprintOf((await open(renewalMs + 367 * dayMs)).certificate)
  assert.notEqual(third, second)
  assert.equal(logged.filter((line) => line.includes('it would expire')).length, 2)
})

test('the own certificate is renewed when the machine has another address, and keeps the one before', async (t) => {
  const { addresses, open } = place(t)
  const { certificate, clock } = await open()
  const first = fingerprintOf(certificate)
  addresses[1] = '10.0.0.7'
  clock.advance(60_000)
  const second = certificate.current.value
  assert.notEqual(second.fingerprint, first)
  for (const name of ['10.0.0.7', '192.168.1.5']) assert.ok(second.names.includes(name), name)
  addresses[1] = '192.168.1.5'
  clock.advance(60_000)
  addresses.push('fd00::1234')
  clock.advance(60_000)
  assert.equal(fingerprintOf(certificate), second.fingerprint)
})

test('an own certificate that cannot be used is made anew', async (t) => {
  const { file, open } = place(t)
  const { certificate, key } = testCertificate()
  const damaged = ['', 'nothing', certificate, key, `${testCertificate().key}${certificate}`, '\0'.repeat(1000)]
  for (const text of damaged) {
    writeFileSync(file, text)
    const opened = (await open(Date.now())).certificate
    assert.equal(fingerprintOf((await open(Date.now())).certificate), fingerprintOf(opened))
    assert.notEqual(readFileSync(file, 'utf8'), text)
  }
  rmSync(file)
  execFileSync('mkfifo', [file])
  await open(Date.now())
  assert.ok(statSync(file).isFile())
  // The clock of the machine was wrong when it was made.
  const future = fingerprintOf((await open(startMs)).certificate)
  assert.equal(fingerprintOf((await open(startMs)).certificate), future)
})

test('an own key that others could read is for this user alone again', async (t) => {
  const { file, open } = place(t)
  const first = fingerprintOf((await open()).certificate)
  chmodSync(file, 0o644)
  assert.equal(fingerprintOf((await open()).certificate), first)
  assert.equal(statSync(file).mode & 0o777, 0o600)
})

test('openCertificate says that it cannot keep a certificate', async (t) => {
  const { open, directory } = place(t)
  await assert.rejects(
    open(startMs, { kind: 'own' }, join(directory, 'nowhere')),
    (error) =>
      error instanceof ServerError &&
      error.code === 'certificate-unusable' &&
      error.message.startsWith('Cannot keep a certificate in'),
  )
})

/** Writes a certificate and its key where the user keeps them. */
function putFiles(directory: string, { certificate, key }: { certificate: string; key: string }) {
  const files = { certificateFile: join(directory, 'cert.pem'), keyFile: join(directory, 'key.pem') }
  // As certbot does: a new file takes the place of the old one.
  for (const [path, text] of [
    [files.certificateFile, certificate],
    [files.keyFile, key],
  ] as const) {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
  return { kind: 'files', ...files } as const
}

/** Lets the files be looked at until something has come of it. */
function looksUntil(clock: ManualClock, isThere: () => boolean): Promise<unknown> {
  return eventually(() => clock.advance(10_000), isThere, { what: 'a look at the files' })
}

test("the user's certificate is read again when it was renewed on disk", async (t) => {
  const { directory, open } = place(t)
  const { certificate, clock } = await open(Date.now(), putFiles(directory, testCertificate()))
  assert.ok(!certificate.isOwn)
  for (let round = 0; round < 3; round++) {
    const renewed = testCertificate()
    putFiles(directory, renewed)
    await looksUntil(clock, () => certificate.current.value.certificate === renewed.certificate)
  }
})

test("while the user's certificate cannot be used the one before stays, and that is told once", async (t) => {
  const { directory, open, logged } = place(t)
  const tls = putFiles(directory, testCertificate())
  const { certificate, clock } = await open(Date.now(), tls)
  const before = fingerprintOf(certificate)
  const renewed = testCertificate()
  // The key is still to come.
  writeFileSync(tls.certificateFile, renewed.certificate)
  const warnings = () => logged.filter((line) => /does not belong to the first certificate/.test(line))
  await looksUntil(clock, () => warnings().length > 0)
  assert.equal(fingerprintOf(certificate), before)
  rmSync(tls.keyFile)
  await looksUntil(clock, () => logged.some((line) => line.includes('there is no such file')))
  assert.equal(fingerprintOf(certificate), before)
  putFiles(directory, renewed)
  await looksUntil(clock, () => certificate.current.value.certificate === renewed.certificate)
  assert.equal(warnings().length, 1)
})

/** Its key has 512 bits. */
function weakCertificate(nowMs: number) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 512 })
  const tbs = encodeTbsCertificate({
    algorithm: 'rsa-sha256',
    serial: Uint8Array.of(1),
    commonName: 'weak',
    notBeforeMs: nowMs - dayMs,
    notAfterMs: nowMs + dayMs,
    names: [],
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
  })
  const certificate = encodeCertificate(tbs, 'rsa-sha256', sign('sha256', tbs, privateKey))
  const lines = Buffer.from(certificate).toString('base64')
  const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  return { certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`, key }
}

test("openCertificate says what is wrong with the user's files", async (t) => {
  const { directory, open } = place(t)
  const good = testCertificate()
  const now = Date.now()
  const locked = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
    .toString()
  const cases: [files: { certificate: string; key: string }, message: RegExp][] = [
    [{ ...good, certificate: '' }, /the certificate in .*cert\.pem: it holds no certificate in PEM form$/],
    [{ ...good, certificate: good.key }, /it holds no certificate in PEM form$/],
    [{ ...good, certificate: 'x'.repeat(2_000_000) }, /cert\.pem: it is no file of at most 1 MB$/],
    [{ ...good, key: '' }, /the key in .*key\.pem: it holds no private key in PEM form$/],
    [{ ...good, key: good.certificate }, /it holds no private key in PEM form$/],
    [{ ...good, key: locked }, /key\.pem: it is locked by a passphrase, wanted one without$/],
    [{ ...good, key: testCertificate().key }, /key\.pem: it does not belong to the first certificate in .*cert\.pem$/],
    [weakCertificate(now), /the certificate in .*cert\.pem: .*key too small/],
    [testCertificate({ notAfterMs: now - dayMs }), /cert\.pem: it has expired on \d{4}-\d\d-\d\d$/],
    [testCertificate({ notBeforeMs: now + dayMs / 2 }), /cert\.pem: it is valid only from \d{4}-\d\d-\d\d on$/],
  ]
  const refused = (message: RegExp) => (error: unknown) =>
    error instanceof ServerError && error.code === 'certificate-unusable' && message.test(error.message)
  for (const [files, message] of cases) {
    await assert.rejects(open(now, putFiles(directory, files)), refused(message), String(message))
  }
  const tls = putFiles(directory, good)
  await assert.rejects(open(now, { ...tls, keyFile: directory }), refused(/it is no file of at most 1 MB$/))
  execFileSync('mkfifo', [join(directory, 'pipe.pem')])
  symlinkSync('/dev/zero', join(directory, 'device.pem'))
  for (const name of ['pipe.pem', 'device.pem']) {
    const certificateFile = join(directory, name)
    await assert.rejects(open(now, { ...tls, certificateFile }), refused(/it is no file of at most 1 MB$/))
  }
  const nowhere = join(directory, 'nowhere.pem')
  await assert.rejects(open(now, { ...tls, certificateFile: nowhere }), refused(/nowhere\.pem: there is no such file$/))
})

test(
  'openCertificate says that it may not read a file',
  { skip: process.getuid?.() === 0 && 'root reads all' },
  async (t) => {
    const { directory, open } = place(t)
    const tls = putFiles(directory, testCertificate())
    chmodSync(tls.keyFile, 0)
    await assert.rejects(open(Date.now(), tls), /the key in .*: the user that Porchlight runs as may not read it$/)
  },
)
