import { type CodecContext, FFmpegError } from 'node-av/lib'
import { MediaError } from '../../contract/media-error.ts'

/** Passes a result of FFmpeg on; throws MediaError `codec-failed` for a negative one, saying what was tried. */
export function mustSucceed(result: number, action: string): number {
  if (result >= 0) return result
  throw new MediaError('codec-failed', `Cannot ${action}: ${FFmpegError.strerror(result)} (${result})`)
}

/**
 * Sets a codec's private options before it is opened. Not by a Dictionary: node-av 6.1.1 frees one given to `open2Sync`
 * twice, which ends the process at some later time. Throws MediaError `codec-failed` for one that it has not.
 */
export function setOptions(context: CodecContext, options: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(options)) {
    mustSucceed(context.setOption(name, value), `set ${name} to ${value}`)
  }
}
