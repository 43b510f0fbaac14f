import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mountWords } from './mount-words.ts'

test('mountWords makes what is above a mount once, for everybody, and keeps the order', () => {
  const words = mountWords([
    { how: 'read', at: '/etc/fonts' },
    { how: 'own-directory', at: '/tmp' },
    { how: 'write', at: '/tmp/a/b', from: '/outside' },
    { how: 'write', at: '/tmp/a/c' },
    { how: 'link', at: '/var/run', from: '../run' },
    { how: 'processes', at: '/proc' },
  ])
  assert.equal(
    words.join(' '),
    '--dir /etc --ro-bind /etc/fonts /etc/fonts --perms 1777 --tmpfs /tmp --dir /tmp/a --bind /outside /tmp/a/b ' +
      '--bind /tmp/a/c /tmp/a/c --dir /var --symlink ../run /var/run --proc /proc',
  )
})
