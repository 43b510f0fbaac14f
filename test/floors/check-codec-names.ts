import { posix } from 'node:path'

/** Where a codec may be called by its name, and why: all else takes it from the list. */
export const peculiarToACodec: Readonly<Record<string, string>> = {
  'src/domain/video-codec.ts': 'the list',
  'src/host/memory/scripted-producer.ts': 'makes pictures of the shape of encoded ones',
  'src/media/process/encode/software-encoders.ts': 'encodes it',
  'src/media/process/encode/hardware-encoders.ts': 'encodes it',
  'src/media/process/encode/encoder-probe.ts': 'looks for the parameter sets of H.264',
  'src/wire/moonlight/stream-offer.ts': 'what all of its clients decode',
  'src/wire/moonlight/stream-wish.ts': 'the codecs of another protocol, which happen to have such names',
  'src/gateway/browser/sdp/browser-offer.ts': 'format parameters of the SDP: those of H.264 are profiles',
  'src/view/record/matroska-recorder.ts': 'the parameter sets of H.264 stand in the head of a file',
  'src/client/web-media/codec-string.ts': 'reads the parameter sets of H.264',
}

/** Names of codecs where there is no reason for one, as sentences. */
export function checkCodecNames({ path, source }: { path: string; source: string }): readonly string[] {
  const isTest = /\.test\.tsx?$/.test(path) || posix.dirname(path).endsWith('/testing')
  if (isTest || path in peculiarToACodec) return []
  return source
    .split('\n')
    .flatMap((line, index) =>
      /['"](?:h264|vp8)['"]/.test(line)
        ? [`${path}:${index + 1} names a codec; src/domain/video-codec.ts has the list, and what is known of each`]
        : [],
    )
}
