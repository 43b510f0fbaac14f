import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reachIn, reachOfLocks } from './lock-reach.ts'

const mounts = String.raw`
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 21 0:40 / /mnt/good rw - nfs4 server:/x rw,vers=4.2,local_lock=none
41 21 0:41 / /mnt/local rw - nfs server:/x rw,vers=3,nolock,local_lock=all
42 41 8:2 / /mnt/local/disk rw - ext4 /dev/sdb1 rw
43 21 0:43 / /mnt/with\040blank rw - cifs //server/x rw,nobrl
44 21 0:44 / /mnt/over rw - nfs server:/y rw,nolock
45 21 0:45 / /mnt/over rw - tmpfs tmpfs rw
`

test('locks reach everybody, unless a network file system was mounted without them', () => {
  const cases: [path: string, reach: string][] = [
    ['/', 'everybody'],
    ['/home/ada/porchlight', 'everybody'],
    ['/mnt/good/data', 'everybody'],
    ['/mnt/local', 'machine'],
    ['/mnt/local/data', 'machine'],
    ['/mnt/localize', 'everybody'],
    ['/mnt/local/disk/data', 'everybody'],
    ['/mnt/with blank/data', 'machine'],
    ['/mnt/over/data', 'everybody'],
  ]
  for (const [path, reach] of cases) assert.equal(reachIn(mounts, path), reach, path)
  assert.equal(reachIn('', '/data'), 'everybody')
  assert.equal(reachOfLocks('/tmp/there/is/nothing'), 'everybody')
})
