import { statfsSync } from 'node:fs'
import type { MissingPart } from './server-facts.ts'

/** With less the database cannot be written for long: its log alone grows to some megabytes. */
const littleBytes = 32 * 1024 ** 2

/** What is free on the disk that a path is on, for this user; undefined where that cannot be told. */
export function freeBytesAt(path: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  } catch {
    return undefined
  }
}

/** That there is little room for data, and what follows from that; nothing when there is enough, or it is not known. */
export function lackOfSpace(dataDirectory: string, freeBytes = freeBytesAt(dataDirectory)): readonly MissingPart[] {
  if (freeBytes === undefined || freeBytes >= littleBytes) return []
  return [
    {
      what: 'Disk space',
      consequence: 'what is new cannot be kept, and homes cannot grow',
      remedy: `${(freeBytes / 1024 ** 2).toFixed(1)} MB are free on the disk of ${dataDirectory}: make room there.`,
    },
  ]
}
