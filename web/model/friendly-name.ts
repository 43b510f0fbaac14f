const kinds = [
  'Amber',
  'Bright',
  'Calm',
  'Dusky',
  'Early',
  'Gentle',
  'Late',
  'Merry',
  'Quiet',
  'Sunny',
  'Swift',
  'Warm',
]
const animals = ['Badger', 'Crane', 'Deer', 'Finch', 'Fox', 'Hare', 'Heron', 'Lynx', 'Moth', 'Otter', 'Owl', 'Wren']

/** A name for somebody who has not given one: two guests who leave it at that can still be told apart. */
export function friendlyName(random: () => number): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? ''
  return `${pick(kinds)} ${pick(animals)}`
}
