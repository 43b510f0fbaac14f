import { ownPath } from './own-path.ts'

/** What an app needs to know of the host's own environment: an explicit list, so that nothing else leaks into apps. */
const inherited = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'SHELL', 'USER', 'LOGNAME'] as const

const fallback: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  // Every Debian has this locale, and terminals need a UTF-8 one.
  LANG: 'C.UTF-8',
  SHELL: '/bin/sh',
}

/** The environment that every app begins with; displays, sound and the app itself add theirs. */
export function appEnvironment(
  host: Readonly<Record<string, string | undefined>>,
  place: {
    readonly home: string
    readonly runtimeDirectory: string
    /** Who it is when not the one who started the host. */
    readonly account?: { readonly name: string; readonly shell: string } | undefined
  },
): Record<string, string> {
  const { home, runtimeDirectory, account } = place
  const taken = inherited.flatMap((name) => {
    const value = (name === 'PATH' ? ownPath(host[name]) : host[name]) || fallback[name]
    return value ? [[name, value] as const] : []
  })
  return {
    ...Object.fromEntries(taken),
    ...(account && { USER: account.name, LOGNAME: account.name, SHELL: account.shell }),
    HOME: home,
    XDG_RUNTIME_DIR: runtimeDirectory,
  }
}
