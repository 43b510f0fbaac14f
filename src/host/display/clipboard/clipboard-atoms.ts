import type { XConnection } from '../x11/x-connection.ts'

/** Names that programs use when they copy and paste, as this server numbers them. */
export interface ClipboardAtoms {
  readonly clipboard: number
  readonly targets: number
  readonly multiple: number
  readonly atomPair: number
  readonly timestamp: number
  readonly incr: number
  readonly utf8: number
  readonly plainUtf8: number
  readonly text: number
  /** Where we learn the server's time. */
  readonly stamp: number
  /** Where we have contents put, in turn, so that who answers late answers into an old one. */
  readonly inboxes: readonly number[]
}

/** Atoms that every server has (core protocol, "Predefined Atoms"). */
export const predefined = { primary: 1, atom: 4, integer: 19, string: 31 } as const

const inboxCount = 8

/** Rejects with a DisplayError. */
export async function internAtoms(x: XConnection): Promise<ClipboardAtoms> {
  const intern = (name: string) => x.ask<number>((answer) => x.client.InternAtom(false, name, answer))
  const [clipboard, targets, multiple, atomPair, timestamp, incr, utf8, plainUtf8, text, stamp] = await Promise.all([
    intern('CLIPBOARD'),
    intern('TARGETS'),
    intern('MULTIPLE'),
    intern('ATOM_PAIR'),
    intern('TIMESTAMP'),
    intern('INCR'),
    intern('UTF8_STRING'),
    intern('text/plain;charset=utf-8'),
    intern('TEXT'),
    intern('PORCHLIGHT_STAMP'),
  ])
  const names = Array.from({ length: inboxCount }, (_, index) => `PORCHLIGHT_INBOX_${index}`)
  const inboxes = await Promise.all(names.map(intern))
  return { clipboard, targets, multiple, atomPair, timestamp, incr, utf8, plainUtf8, text, stamp, inboxes }
}
