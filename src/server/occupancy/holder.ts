import { readlinkSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { readPlainFile } from '../files/read-plain-file.ts'
import { writePrivateFile } from '../files/write-private-file.ts'
import { bootId } from './directory-identity.ts'

/** What a server says of itself in its data directory, for people: the lock beside it is what counts. */
export interface Holder {
  /** In its own process namespace. */
  readonly pid: number
  /** Empty where there are none. */
  readonly processNamespace: string
  /** Of the system that it runs on. */
  readonly boot: string
  /** The name of the machine or container. */
  readonly machine: string
  /** Milliseconds since the Unix epoch. */
  readonly startedAtMs: number
  /** Where this machine reaches it, as soon as it listens. */
  readonly url: string | undefined
}

const schema = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  processNamespace: v.string(),
  boot: v.string(),
  machine: v.pipe(v.string(), v.maxLength(256)),
  startedAtMs: v.pipe(v.number(), v.integer()),
  url: v.optional(v.pipe(v.string(), v.maxLength(256), v.url())),
})

const maxBytes = 4096

function fileIn(dataDirectory: string): string {
  return join(dataDirectory, 'server.json')
}

/** This process, as a holder. */
export function thisServer(startedAtMs: number): Holder {
  return {
    pid: process.pid,
    processNamespace: processNamespace(),
    boot: bootId(),
    machine: hostname(),
    startedAtMs,
    url: undefined,
  }
}

/** Throws the system's error. */
export function writeHolder(dataDirectory: string, holder: Holder): void {
  writePrivateFile(fileIn(dataDirectory), JSON.stringify(holder))
}

/** What the one that runs, or the last one that did not end in order, has said; undefined when there is nothing. */
export function readHolder(dataDirectory: string): Holder | undefined {
  try {
    const found = v.safeParse(schema, JSON.parse(readPlainFile(fileIn(dataDirectory), maxBytes)))
    return found.success ? { ...found.output, url: found.output.url } : undefined
  } catch {
    return undefined
  }
}

export function removeHolder(dataDirectory: string): void {
  rmSync(fileIn(dataDirectory), { force: true })
}

/** "a server (process 4711, since 2026-08-01 12:00 UTC, at http://127.0.0.1:8080)", as far as it is known. */
export function describeHolder(holder: Holder | undefined): string {
  if (!holder) return 'another server'
  const { startedAtMs, url } = holder
  const since = new Date(startedAtMs).toISOString().slice(0, 16).replace('T', ' ')
  const facts = [whereIs(holder), `since ${since} UTC`, ...(url === undefined ? [] : [`at ${url}`])]
  return `another server (${facts.join(', ')})`
}

/** How to end it, as far as that can be told. */
export function howToStop(holder: Holder | undefined): string {
  if (!holder) return 'Stop that one first'
  return isHere(holder) ? `Stop that one first (kill ${holder.pid})` : 'Stop that one first, where it runs'
}

function whereIs(holder: Holder): string {
  const { pid, boot, machine } = holder
  if (isHere(holder)) return `process ${pid}`
  const place = boot === bootId() ? 'in another container or process namespace' : 'on another machine'
  return `process ${pid} ${place}, "${machine.replaceAll(/[^\w.-]/g, '?')}"`
}

/** Whether its process id means anything here. */
function isHere({ boot, processNamespace: namespace }: Holder): boolean {
  return boot === bootId() && namespace === processNamespace()
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}
