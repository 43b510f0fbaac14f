import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { Writable, type Readable } from '../../kernel/readable.ts'
import { machineNames, type MachineNames } from '../auth/allowed-hosts.ts'
import type { ServerConfig } from '../config/config.ts'
import { CertificateFiles } from './certificate-files.ts'
import { certificateNames } from './certificate-names.ts'
import { makeOwnCertificate, ownCertificateFile, readOwnCertificate, whyRenew } from './own-certificate.ts'
import type { ServedCertificate } from './served-certificate.ts'

/** The certificate of the web port, renewed while the server runs. */
export interface HostCertificate extends Closable {
  readonly current: Readable<ServedCertificate>
  /** Made by this host: nobody vouches for it, so that people compare its fingerprint. */
  readonly isOwn: boolean
}

export interface HostCertificateOptions {
  readonly config: Pick<ServerConfig, 'tls' | 'dataDirectory' | 'host' | 'allowedOrigins'>
  readonly clock: Clock
  readonly log: Log
  /** Those of the machine when left out. */
  readonly machine?: MachineNames
}

/** How often is looked whether the files are others. */
const filesPeriodMs = 10_000
/** How often is looked whether the machine has other names, or the time has come. */
const ownPeriodMs = 60_000

/**
 * Finds the certificate to serve, and makes one where the host is to have its own. Undefined when TLS is turned off. Rejects
 * with ServerError `certificate-unusable`.
 */
export async function openCertificate(options: HostCertificateOptions): Promise<HostCertificate | undefined> {
  const { tls } = options.config
  if (tls.kind === 'off') return undefined
  return tls.kind === 'own' ? openOwn(options) : openFiles(new CertificateFiles(tls), options)
}

function openOwn({ config, clock, log, machine = machineNames }: HostCertificateOptions): HostCertificate {
  const file = ownCertificateFile(config.dataDirectory)
  const renewed = (former: ServedCertificate | undefined): ServedCertificate => {
    const names = certificateNames({ bindHost: config.host, allowedOrigins: config.allowedOrigins, machine })
    const nowMs = clock.epochMs()
    const why = whyRenew(former, names, nowMs)
    if (former && why === undefined) return former
    // Who has just come needs no word of it.
    const level = existsSync(file) ? 'info' : 'debug'
    const made = makeOwnCertificate({ file, names, hostName: machine.hostname(), former, nowMs, randomBytes })
    log[level]('Made a certificate for HTTPS', { why, fingerprint: made.fingerprint })
    return made
  }
  const current = new Writable(renewed(readOwnCertificate(file, clock.epochMs())))
  const look = () => {
    try {
      current.set(renewed(current.value))
    } catch (error) {
      log.error('The certificate for HTTPS could not be renewed', { error: messageOf(error) })
    }
  }
  return certificateOf(current, true, clock.every(ownPeriodMs, look))
}

async function openFiles(files: CertificateFiles, { clock, log }: HostCertificateOptions): Promise<HostCertificate> {
  const current = new Writable(await files.read(clock.epochMs()))
  let warned = ''
  const warnOnce = (message: string, detail: string) => {
    if (warned === message + detail) return
    warned = message + detail
    log.warn(message, { detail })
  }
  const look = async () => {
    try {
      if (await files.hasChanged()) {
        current.set(await files.read(clock.epochMs()))
        log.info('Read the certificate for HTTPS again', { fingerprint: current.value.fingerprint })
      }
      const { notAfterMs, fingerprint } = current.value
      if (notAfterMs < clock.epochMs()) warnOnce('The certificate for HTTPS has expired', fingerprint)
    } catch (error) {
      warnOnce('The certificate for HTTPS is another one and cannot be used: the one before stays', messageOf(error))
    }
  }
  let looking: Promise<void> | undefined
  const timer = clock.every(filesPeriodMs, () => {
    looking ??= look().finally(() => (looking = undefined))
  })
  return certificateOf(current, false, timer)
}

function certificateOf(
  current: Readable<ServedCertificate>,
  isOwn: boolean,
  timer: { cancel(): void },
): HostCertificate {
  const ending = new Ending(() => timer.cancel())
  return {
    current,
    isOwn,
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}
