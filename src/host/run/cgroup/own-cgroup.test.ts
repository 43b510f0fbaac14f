import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownCgroup } from './own-cgroup.ts'

const unified = '29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate'
const hybrid = '42 30 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw'
const v1 = '35 30 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory'

test('ownCgroup finds the group of a process below where cgroup v2 is mounted', () => {
  const scope = '/user.slice/user-1000.slice/app.scope'
  assert.equal(ownCgroup(`0::${scope}\n`, `${v1}\n${unified}\n`), `/sys/fs/cgroup${scope}`)
  assert.equal(ownCgroup('9:memory:/x\n0::/\n', `${v1}\n${hybrid}`), '/sys/fs/cgroup/unified')
})

test('ownCgroup follows a mount that shows a part of the tree, as in containers', () => {
  const part = String.raw`29 23 0:26 /docker/ab /sys/fs/my\040group rw - cgroup2 cgroup2 rw`
  assert.equal(ownCgroup('0::/docker/ab/app', part), '/sys/fs/my group/app')
  assert.equal(ownCgroup('0::/docker/abc', part), undefined)
})

test('ownCgroup is undefined without cgroup v2', () => {
  assert.equal(ownCgroup('4:memory:/\n', v1), undefined)
  assert.equal(ownCgroup('0::/', v1), undefined)
  assert.equal(ownCgroup('', ''), undefined)
})
