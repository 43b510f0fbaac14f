/** A user and group of this machine, by their numbers. */
export interface UserIds {
  readonly uid: number
  readonly gid: number
}

/** What something is, and which groups of this machine it is in beside its own. */
export interface OwnUser extends UserIds {
  readonly groups: readonly number[]
}

/** Who something runs as. */
export type Identity =
  /** As the one who started Porchlight, who is not root. */
  | { readonly kind: 'ordinary' }
  /** As root, by choice or because it cannot be otherwise. */
  | { readonly kind: 'root' }
  /** As somebody who has nothing here but what they are given; Porchlight runs as root. */
  | { readonly kind: 'own'; readonly ids: OwnUser; readonly setpriv: string }

/** What bubblewrap is told, and what is put before the command that it starts. */
export interface PrivilegeWords {
  readonly outside: readonly string[]
  readonly inside: readonly string[]
}

/**
 * No capabilities, and the user; the command starts in `directory`. An own user is taken on inside, by somebody who may still
 * do that: so the kernel need not allow user namespaces to everybody, and inside the numbers are those outside.
 */
export function privilegeWords(identity: Identity, directory: string): PrivilegeWords {
  const start = ['--chdir', directory]
  switch (identity.kind) {
    case 'ordinary':
      return { outside: ['--unshare-user-try', '--cap-drop', 'ALL', ...start], inside: [] }
    case 'root':
      // Programs that think they are root try what root may, and fail at it.
      return {
        outside: ['--unshare-user', '--uid', '1000', '--gid', '1000', '--cap-drop', 'ALL', ...start],
        inside: [],
      }
    case 'own': {
      const rights = changing.flatMap((name) => ['--cap-add', name])
      return { outside: ['--cap-drop', 'ALL', ...rights], inside: become(identity, directory) }
    }
  }
}

const changing = ['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP'] as const

/** setpriv(1): another user, no groups of whoever started it, and nothing to come back by. Only that user can enter what is theirs. */
function become({ ids, setpriv }: Extract<Identity, { kind: 'own' }>, directory: string): readonly string[] {
  const { uid, gid, groups } = ids
  const inGroups = groups.length > 0 ? `--groups=${groups.join(',')}` : '--clear-groups'
  const none = ['--bounding-set=-all', '--inh-caps=-all', '--no-new-privs', '--']
  const enter = ['/bin/sh', '-c', 'cd -- "$0" && unset OLDPWD && exec "$@"', directory]
  return [setpriv, `--reuid=${uid}`, `--regid=${gid}`, inGroups, ...none, ...enter]
}
