import type { RecordedMessage } from '../../../src/kernel/monitor/recording.ts'

const steps = ['options', 'describe', 'setup-audio', 'setup-video', 'setup-control', 'announce', 'play']

/** What a client and its host say to each other until they have agreed. */
export function agreed(atMs: number): readonly RecordedMessage[] {
  return steps.flatMap((label) => [
    { atMs, direction: 'received', label } as const,
    { atMs, direction: 'sent', label: 'accepted' } as const,
  ])
}
