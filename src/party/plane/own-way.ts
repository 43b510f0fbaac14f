import { openMemoryPipe } from '../../kernel/memory-pipe.ts'
import type { PlaneWay } from '../contract/plane-way.ts'
import type { ControlService } from '../control/control-service.ts'

/** Where its requests come from, as far as paces go. */
const source = 'this machine'

/** The way to a control plane in this process: the same calls and messages, by no socket. */
export function ownWay(service: ControlService): PlaneWay {
  return {
    address: 'this host',
    async request({ method, path, token, body }) {
      const request = new Request(new URL(path, 'http://plane'), {
        method,
        headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const response = await service.answer(request, source)
      return { status: response.status, json: await response.json() }
    },
    async openSocket(subprotocol) {
      const [near, far] = openMemoryPipe()
      service.accept(far, { source, ...(subprotocol !== undefined && { subprotocol }) })
      return near
    },
  }
}
