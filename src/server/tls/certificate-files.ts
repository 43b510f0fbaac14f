import { stat } from 'node:fs/promises'
import { messageOf } from '../../kernel/coded-error.ts'
import { loadPlainFile } from '../files/read-plain-file.ts'
import { checkCertificate, unusable, type CertificatePlaces, type ServedCertificate } from './served-certificate.ts'

const maxBytes = 1024 * 1024

/** A certificate and a key in files that somebody else renews, certbot for instance. */
export class CertificateFiles {
  readonly #places: CertificatePlaces
  #stamp = ''

  constructor(places: CertificatePlaces) {
    this.#places = places
  }

  /** Whether the files may be others than those that were read last. */
  async hasChanged(): Promise<boolean> {
    return (await this.#look()) !== this.#stamp
  }

  /** What is in them now. Rejects with ServerError `certificate-unusable`, and is to be asked again then. */
  async read(nowMs: number): Promise<ServedCertificate> {
    const { certificateFile, keyFile } = this.#places
    const stamp = await this.#look()
    const certificate = await readPem('certificate', certificateFile)
    const key = await readPem('key', keyFile)
    const checked = checkCertificate({ certificate, key }, this.#places, nowMs)
    this.#stamp = stamp
    return checked
  }

  async #look(): Promise<string> {
    const { certificateFile, keyFile } = this.#places
    return `${await stampOf(certificateFile)} ${await stampOf(keyFile)}`
  }
}

async function readPem(what: 'certificate' | 'key', file: string): Promise<string> {
  try {
    return (await loadPlainFile(file, maxBytes)).toString('utf8')
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    throw unusable(what, file, whyUnreadable[code] ?? messageOf(error), error)
  }
}

const forbidden = 'the user that Porchlight runs as may not read it'
const missing = 'there is no such file'
const noFile = 'it is no file of at most 1 MB'
const whyUnreadable: Readonly<Record<string, string>> = {
  EACCES: forbidden,
  EPERM: forbidden,
  ENOENT: missing,
  ENOTDIR: missing,
  // A socket, for instance, cannot be opened at all.
  ENXIO: noFile,
  'not-plain': noFile,
  'too-long': noFile,
}

/** Another text whenever the file may have become another one. */
async function stampOf(file: string): Promise<string> {
  return stat(file).then(
    ({ dev, ino, size, mtimeMs, ctimeMs }) => `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`,
    (error: NodeJS.ErrnoException) => error.code ?? 'unreadable',
  )
}
