import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, readlink, stat } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it, type TestContext } from 'node:test'
import { systemClock as clock } from '../../kernel/clock.ts'
import { silentLog as log } from '../../kernel/log.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { processesOf } from '../../../test/support/processes-of.ts'
import { openScopeRig, shut } from '../../../test/support/scope-rig.ts'
import { findExecutable } from '../child/find-executable.ts'
import { findRunProcesses, runName } from '../child/process-tree.ts'
import { openCgroups } from './cgroup/open-cgroups.ts'
import { openRunners } from './runners.ts'

const find = (name: string) => findExecutable(name)
const runners = await openRunners({ find, engine: { problem: 'none' }, appUser: 'own', hostId: 'test', clock, log })
after(() => runners.close())
const noSandbox = await runners.abilities.whyNoSandbox()
/** Whether this machine has control groups for runs. */
const hasGroups = await openCgroups({ hostId: 'test-groups', clock }).then(async (groups) => {
  const group = await groups.open('probe', undefined)
  await groups.close()
  return group !== undefined
})
const openRig = (t: TestContext) => openScopeRig(t, runners, 'sandbox')

describe('a sandbox', { skip: noSandbox }, () => {
  it('shows the system and its own home, and nothing of the data directory, other homes and other processes', async (t) => {
    const { path, place, run } = await openRig(t)
    const { printed } = await run(`
      cat ${path('data/porchlight.sqlite')} ${path('data/homes/other/default/diary')} ${path('readable/book')}
      ls -A ${path('data')} ${path('data/homes')}
      ls -A ${homedir()} /root /home /tmp
      cat /etc/shadow
      echo "etc: $(ls -A /etc | tr '\\n' ' ')"; echo "users: $(cut -d: -f1 /etc/passwd | tr '\\n' ' ')"
      echo "sockets: $(ls /tmp/.X11-unix)"; echo "me: $(id -u) $(whoami)"
      echo "processes: $(ls -d /proc/[0-9]* | wc -l)"
      echo "kept" > kept; echo "run" > "$XDG_RUNTIME_DIR/made"; mktemp >/dev/null && echo "has a /tmp"
      echo changed > /usr/changed; echo changed > /etc/changed; mkdir /new
      grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status
      hostname; ls /dev; ls /sys/class/net 2>/dev/null; echo "links: $(grep -c : /proc/net/dev)"`)
    const text = await printed()
    assert.doesNotMatch(text, /secret|a book|root:|sqlite\n|diary\n/)
    assert.match(text, /^homes\n/m)
    const etc = /^etc: (.*)$/m.exec(text)?.[1]?.split(' ') ?? []
    assert.ok(etc.includes('fonts') && etc.includes('passwd'), text)
    const others = /^(shadow|gshadow|sudoers|ssh|fstab|crontab|passwd-|apt|systemd|hostname)$/
    assert.deepEqual(
      etc.filter((name) => others.test(name)),
      [],
    )
    const isRoot = process.getuid?.() === 0
    const { uid } = await stat(place.home)
    assert.match(text, isRoot ? /^users: root nobody porchlight $/m : /^users: root nobody \S+ $/m)
    assert.match(text, new RegExp(`^me: ${uid} \\S+$`, 'm'))
    assert.ok(!isRoot || uid > 60_000, `the app is user ${uid}`)
    assert.match(text, /^sockets: X\d+$/m)
    const processes = Number(/^processes: (\d+)$/m.exec(text)?.[1])
    assert.ok(processes > 0 && processes < 8, text)
    assert.equal(await readFile(join(place.home, 'kept'), 'utf8'), 'kept\n')
    assert.equal(await readFile(join(place.runtimeDirectory, 'made'), 'utf8'), 'run\n')
    assert.match(text, /has a \/tmp/)
    assert.ok(!existsSync('/usr/changed') && !existsSync('/etc/changed'))
    assert.match(text, /\/usr\/changed: Read-only file system/)
    assert.match(text, /mkdir: .*Read-only file system/)
    assert.match(text, /CapEff:\t0{16}\n/)
    assert.match(text, /NoNewPrivs:\t1/)
    assert.match(text, /^porchlight$/m)
    assert.doesNotMatch(text, /^(vda|kmsg|mem|kvm|fuse|uinput)$/m)
    assert.match(text, /^links: 1$/m, 'loopback alone')
  })

  it('lets in what its rules say', async (t) => {
    const { path, run } = await openRig(t)
    const rules = { network: true, readable: [path('readable')], writable: [path('writable')] }
    const script = `cat ${path('readable/book')}; echo x > ${path('readable/book')}; echo new > ${path('writable/note')}`
    const { printed } = await run(`${script}; readlink /proc/self/ns/net`, rules)
    const text = await printed()
    assert.match(text, /^a book/)
    assert.match(text, /readable\/book: Read-only file system/)
    assert.equal(await readFile(path('writable/note'), 'utf8'), 'new\n')
    // What goes wrong is printed by another way, before or after it; the book ends without a line's end.
    assert.ok(text.includes(await readlink('/proc/self/ns/net')), text)
  })

  it('has a sound server and an X server that can do nothing for it that it cannot do itself', async (t) => {
    const { directory, path, place, run } = await openRig(t)
    const reached: string[] = []
    const server = createServer((socket) => {
      reached.push('vnc')
      socket.destroy()
    }).listen(0, '127.0.0.1')
    t.after(() => server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const { printed } = await run(`
      for module in module-null-sink "module-pipe-sink file=${path('writable/fifo')}" $HOME/evil.so; do
        pactl load-module $module && echo loaded
      done
      pactl exit; timeout 10 vncconfig -connect 127.0.0.1:${port}
      vncconfig -set AcceptPointerEvents=0; echo "accepts: $(vncconfig -get AcceptPointerEvents)"
      xset fp+ ${path('data')} && echo reads fonts; pactl info | grep 'Default Sink'`)
    const text = await printed()
    assert.doesNotMatch(text, /^loaded$|reads fonts/m)
    assert.match(text, /Default Sink: sandboxed/)
    assert.match(text, /^accepts: (1|on|true)/im)
    assert.ok(!existsSync(path('writable/fifo')))
    assert.deepEqual(reached, [], 'the X server connects to nothing')

    const servers = (await processesOf(directory)).filter(({ commandLine }) =>
      /^\S*(Xvnc|pulseaudio) /.test(commandLine),
    )
    assert.equal(servers.length, 2)
    const own = await readFile('/proc/self/status', 'utf8')
    for (const { pid, commandLine } of servers) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8')
      assert.match(status, /CapEff:\t0{16}\n/)
      assert.match(status, new RegExp(`Uid:\t${(await stat(place.home)).uid}\t`))
      assert.match(status, /NoNewPrivs:\t1/)
      assert.notEqual(/^NSpid:.*$/m.exec(status)?.[0], /^NSpid:.*$/m.exec(own)?.[0])
      for (const hidden of ['data', 'readable', 'run/xdg']) {
        assert.ok(!existsSync(`/proc/${pid}/root${path(hidden)}`), `${commandLine} sees ${hidden}`)
      }
      const group = /^0::(.*)$/m.exec(await readFile(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? ''
      if (hasGroups)
        assert.match(group, /\/porchlight-test\/run-[^/]+\/(display|sound)$/, 'it counts as part of the app')
      const links = (await readFile(`/proc/${pid}/net/dev`, 'utf8')).match(/:/g)?.length
      assert.equal(links, 1, 'loopback alone')
      assert.doesNotMatch(await readFile(`/proc/${pid}/net/unix`, 'utf8'), /@\/tmp\/.X11-unix/)
    }
  })

  it('draws on the display and makes sound', async (t) => {
    const { display, run } = await openRig(t)
    const { printed } = await run('pactl info | grep "Default Sink"; head -c 96000 /dev/zero | pacat && echo played')
    const text = await printed()
    assert.match(text, /Default Sink: \S+/)
    assert.match(text, /played/)
    const terminal = await run('exec xterm -e sleep 100')
    await Promise.race([
      display.firstWindow,
      terminal.app.closed.then((end) => assert.fail(`xterm has ended: ${JSON.stringify(end)}`)),
    ])
  })

  it('is gone with all of its processes when it is closed, those that detach themselves too', async (t) => {
    const { place, run } = await openRig(t)
    const { app, runId } = await run(
      '(setsid sh -c "trap \'\' TERM; echo ready > ready; while :; do sleep 1; done" &); sleep 100',
    )
    const isReady = () => existsSync(join(place.home, 'ready'))
    while (!isReady()) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.ok((await findRunProcesses(runName('test', runId))).length >= 3)
    await app.close('stopped')
    assert.deepEqual(await app.closed, { kind: 'clean', reason: 'stopped' })
    assert.deepEqual(await findRunProcesses(runName('test', runId)), [])
  })

  it('is given time to put things in order', async (t) => {
    const { place, run } = await openRig(t)
    const { app, soFar } = await run('trap "echo saved > saved; exit 0" TERM; echo ready; while :; do sleep 0.05; done')
    await eventually(soFar, (text) => text.includes('ready'), { what: 'an app that runs' })
    await app.close()
    assert.equal(await readFile(join(place.home, 'saved'), 'utf8'), 'saved\n')
  })

  it('refuses a directory that is not visible in it', async (t) => {
    const { place, scope } = await openRig(t)
    const enclosure = { kind: 'sandbox', rules: shut } as const
    const run = { command: ['true'] as const, env: {}, directory: '/srv', runId: randomUUID(), place, enclosure }
    await assert.rejects(scope.run(run), { code: 'directory-not-found', message: /not visible in its sandbox/ })
  })
})

/** A sleep that nobody else has, and how many processes have it. */
function longSleep() {
  const seconds = `77${process.pid}${Math.trunc(performance.now())}`
  return { seconds, count: async () => (await processesOf(`sleep ${seconds}`)).length }
}

/** Detaches itself from everything: environment, session, parents and, where it may, control group. */
const detach = (seconds: string) =>
  `(sh -c 'for g in /sys/fs/cgroup /sys/fs/cgroup/unified; do echo 0 > $g/cgroup.procs; done; exec env -i setsid sh -c "sleep ${seconds} & exit"' 2>/dev/null &)`

const isRoot = process.getuid?.() === 0

describe('an app on the machine as it is, started by root', { skip: !isRoot && 'only root has users to give' }, () => {
  it('is a user of its own, who has a home and nothing else', { skip: runners.runsAs.kind !== 'own' }, async (t) => {
    const { path, place, run } = await openScopeRig(t, runners, undefined)
    const sleep = longSleep()
    const { app, printed } = await run(`
      echo "me: $(id -u):$(id -g) $(id -un) $USER $LOGNAME $SHELL $HOME $(pwd)"
      cat /etc/shadow ${path('data/porchlight.sqlite')} ${path('data/homes/other/default/diary')} && echo read
      ls ${path('data')} && echo listed; touch /etc/new /root/new && echo written
      kill -0 ${process.pid} && echo seen; echo 0 > /sys/fs/cgroup/cgroup.procs && echo moved
      echo kept > kept; echo made > $XDG_RUNTIME_DIR/made; pactl info | grep 'Default Sink'; xset q > /dev/null && echo drawn
      grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status; ${detach(sleep.seconds)}
      for i in $(seq 100); do pgrep -f "[s]leep ${sleep.seconds}" > /dev/null && break; sleep 0.05; done`)
    const text = await printed()
    const { uid, gid } = await stat(place.home)
    assert.ok(uid > 60_000 && gid === uid, `${uid}:${gid}`)
    const { home } = place
    assert.ok(text.includes(`me: ${uid}:${gid} porchlight porchlight porchlight /bin/bash ${home} ${home}\n`), text)
    assert.doesNotMatch(text, /^(secret|read|written|seen|moved)$|root:/m)
    assert.match(text, /Default Sink: sandboxed/)
    assert.match(text, /^drawn$/m)
    assert.match(text, /CapBnd:\t0{16}\n/)
    assert.equal((await stat(join(home, 'kept'))).uid, uid)
    assert.equal(await readFile(join(place.runtimeDirectory, 'made'), 'utf8'), 'made\n')
    await app.close()
    assert.equal(await sleep.count(), 0)
  })

  it('has the home that was of a user of its own, when root is chosen', { skip: noSandbox }, async (t) => {
    const asRoot = await openRunners({ find, engine: { problem: 'none' }, appUser: 'same', hostId: 'same', clock, log })
    const { place, run } = await openScopeRig(t, asRoot, 'sandbox', 1_900_000_000)
    t.after(() => asRoot.close())
    const { printed } = await run('id -u; echo kept > kept')
    assert.equal(await printed(), '1000\n')
    assert.equal((await stat(join(place.home, 'kept'))).uid, 0)
  })

  it('does not outlive its lobby when it is root by choice and has left its control group', async (t) => {
    const asRoot = await openRunners({ find, engine: { problem: 'none' }, appUser: 'same', hostId: 'same', clock, log })
    assert.deepEqual(asRoot.runsAs, { kind: 'root', why: 'It was chosen (--app-user same)' })
    const { run } = await openScopeRig(t, asRoot, undefined)
    // After what runs there: until then its control groups are in use, and waited for.
    t.after(() => asRoot.close())
    const sleep = longSleep()
    const { app, soFar } = await run(`id -u; ${detach(sleep.seconds)}; echo up; sleep 100`)
    await eventually(sleep.count, (count) => count > 0, { what: 'a process that is detached' })
    await eventually(soFar, (text) => text.includes('up'), { what: 'an app that runs' })
    assert.match(soFar(), /^0$/m)
    await app.close()
    assert.equal(await sleep.count(), 0)
  })
})
