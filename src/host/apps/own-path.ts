/** Where npm puts the programs of a package, and of itself, while it runs a script. */
const ofNpm = /(?:^|\/)node_modules(?:\/|$)|\/node-gyp-bin\/?$/

/** A PATH as a fresh login has it: without what npm has put before it, whose programs are not the user's. */
export function ownPath(path: string | undefined): string {
  const directories = (path ?? '').split(':').filter((directory) => directory.startsWith('/') && !ofNpm.test(directory))
  return [...new Set(directories)].join(':')
}
