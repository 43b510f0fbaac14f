import { Counter, Histogram, type Registry } from 'prom-client'
import type { LifecycleEvent, LifecycleObservation } from './lifecycle-event.ts'

/** A label whose values come from elsewhere never grows past this many series; the rest counts as `other`. */
const maxLabelValues = 32

/** Counts domain events into `registry`; returns who is to be told of them. */
export function eventMetrics(registry: Registry): (event: LifecycleEvent) => void {
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `porchlight_${name}`, help, labelNames, registers: [registry] })

  const labelled = (name: string, help: string, label: string) => {
    const total = counter(name, help, [label])
    const seen = new Set<string>()
    return (value: string) => {
      if (seen.size < maxLabelValues) seen.add(value)
      total.inc({ [label]: seen.has(value) ? value : 'other' })
    }
  }

  const sessions = counter('sessions_started_total', 'Stream sessions that were made')
  const sessionEnds = labelled('sessions_ended_total', 'Stream sessions by why they ended', 'cause')
  const lobbies = counter('lobbies_started_total', 'Lobbies that were made')
  const lobbyEnds = counter('lobbies_ended_total', 'Lobbies that have ended')
  const joins = counter('joins_total', 'Times a session entered a lobby')
  const switches = counter('producer_switches_total', 'Times a viewer was switched to another producer')
  const handshakes = counter('handshakes_total', 'Handshakes of viewers by outcome', ['ok'])
  const paths = labelled('paths_total', 'Times a viewer was reached by a path', 'path')
  const adaptations = labelled('adaptations_total', 'Changes of a viewer’s bitrate', 'cause')
  const freezes = counter('freezes_total', 'Times a viewer got no picture that it could show')
  const frozen = counter('frozen_seconds_total', 'How long viewers got no picture that they could show')
  const interruptions = counter('interruptions_total', 'Times what served a viewer broke and was started again')
  const faults = labelled('faults_total', 'Breaches of protocol by viewers', 'code')
  const handshakeTime = new Histogram({
    name: 'porchlight_handshake_seconds',
    help: 'How long successful handshakes took',
    buckets: [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10],
    registers: [registry],
  })

  const observe = (observation: LifecycleObservation) => {
    switch (observation.kind) {
      case 'handshake':
        handshakes.inc({ ok: String(observation.ok) })
        if (observation.ok) handshakeTime.observe(observation.tookMs / 1000)
        return
      case 'path':
        return paths(observation.path)
      case 'adaptation':
        return adaptations(observation.cause)
      case 'freeze':
        freezes.inc()
        return frozen.inc(observation.durationMs / 1000)
      case 'interruption':
        return interruptions.inc()
      case 'fault':
        return faults(observation.code)
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
