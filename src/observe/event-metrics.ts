import { Counter, Histogram, type Registry } from 'prom-client'
import type { LifecycleEvent, LifecycleObservation } from './lifecycle-event.ts'

/** A label whose values come from elsewhere never grows past this many series; the rest counts as `other`. */
const maxLabelValues = 32

/** Counts domain events into `registry`; returns who is to be told of them. */
export function eventMetrics(registry: Registry): (event: LifecycleEvent) => void {
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `porchlight_${name}`, help, labelNames, registers: [registry] })

  const labelled = (name: string, help: string, label: string, others: string[] = []) => {
    const total = counter(name, help, [label, ...others])
    const seen = new Set<string>()
    return (value: string, labels: Readonly<Record<string, string>> = {}) => {
      if (seen.size < maxLabelValues) seen.add(value)
      total.inc({ [label]: seen.has(value) ? value : 'other', ...labels })
    }
  }

  const sessions = counter('sessions_started_total', 'Stream sessions that were made')
  const sessionEnds = labelled('sessions_ended_total', 'Stream sessions by why they ended', 'cause')
  const lobbies = counter('lobbies_started_total', 'Lobbies that were made')
  const lobbyEnds = counter('lobbies_ended_total', 'Lobbies that have ended')
  const joins = counter('joins_total', 'Times a session entered a lobby')
  const switches = counter('producer_switches_total', 'Times a viewer was switched to another producer')
  const handshakes = counter('handshakes_total', 'Handshakes of viewers by outcome', ['ok', 'gateway'])
  const paths = labelled('paths_total', 'Times a viewer was reached by a path, and why', 'path', ['reason', 'gateway'])
  const probings = labelled(
    'birthday_probings_total',
    'Times a direct path to a viewer was probed for by birthday, and what came of it',
    'result',
    ['gateway'],
  )
  const birthdayProbes = counter('birthday_probes_total', 'Packets of that', ['gateway'])
  const adaptations = labelled(
    'adaptations_total',
    'Changes of what a viewer is sent: its bitrate, its parity, the encoding, or sound alone',
    'cause',
    ['of', 'gateway'],
  )
  const wishes = counter('wishes_total', 'Times a viewer asked for a size, and whether it got that at once', [
    'met',
    'gateway',
  ])
  const freezes = counter('freezes_total', 'Times a viewer got no picture that it could show', ['gateway'])
  const frozen = counter('frozen_seconds_total', 'How long viewers got no picture that they could show', ['gateway'])
  const interruptions = counter('interruptions_total', 'Times what served a viewer broke and was started again', [
    'gateway',
  ])
  const faults = labelled('faults_total', 'Breaches of protocol by viewers', 'code', ['gateway'])
  const handshakeTime = new Histogram({
    name: 'porchlight_handshake_seconds',
    help: 'How long successful handshakes took',
    labelNames: ['gateway'],
    buckets: [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10],
    registers: [registry],
  })

  const observe = (observation: LifecycleObservation) => {
    const { gateway } = observation
    switch (observation.kind) {
      case 'handshake':
        handshakes.inc({ ok: String(observation.ok), gateway })
        if (observation.ok) handshakeTime.observe({ gateway }, observation.tookMs / 1000)
        return
      case 'path':
        return paths(observation.path, { reason: observation.reason ?? 'unknown', gateway })
      case 'adaptation':
        return adaptations(observation.cause, { of: 'bitrate', gateway })
      case 'parity':
        return adaptations('loss', { of: 'parity', gateway })
      case 'rendition':
        return adaptations(observation.cause, { of: 'rendition', gateway })
      case 'wish':
        // Taking a wish back is none, and neither is another answer to the same one.
        if (observation.cause === 'offered' || !observation.asked) return
        return wishes.inc({ met: String(observation.reason === undefined), gateway })
      case 'mode':
        return adaptations(observation.cause, { of: 'mode', gateway })
      case 'sound':
        return
      case 'freeze':
        freezes.inc({ gateway })
        return frozen.inc({ gateway }, observation.durationMs / 1000)
      case 'probing':
        birthdayProbes.inc({ gateway }, observation.probes)
        return probings(observation.result, { gateway })
      case 'interruption':
        return interruptions.inc({ gateway })
      case 'fault':
        return faults(observation.code, { gateway })
    }
  }

  return (event) => {
    switch (event.type) {
      case 'StreamSessionCreated':
        return sessions.inc()
      case 'StopStream':
        return sessionEnds(event.cause)
      case 'CreateLobby':
        return lobbies.inc()
      case 'StopLobby':
        return lobbyEnds.inc()
      case 'JoinLobby':
        return joins.inc()
      case 'SwitchStreamProducer':
        return switches.inc()
      case 'SessionObserved':
        return observe(event.observation)
      default:
    }
  }
}
