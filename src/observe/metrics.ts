import type { LifecycleEvent } from './lifecycle-event.ts'

/** The numbers of a running host, in Prometheus' text format. */
export interface Metrics extends Disposable {
  /** To be called with every domain event. */
  handle(event: LifecycleEvent): void
  /** Adds a number that is read when somebody asks. Its name must be new. */
  pull(metric: PulledMetric): void
  /** What `/metrics` answers. */
  text(): Promise<string>
  /** The content type of {@link text}. */
  readonly contentType: string
  /** Stops measuring the event loop. */
  close(): void
}

/** A metric whose owner counts: it is read at each scrape. */
export interface PulledMetric {
  /** With unit, for instance `porchlight_sent_bytes_total`; a counter ends in `_total`. */
  readonly name: string
  readonly help: string
  readonly kind: 'gauge' | 'counter'
  /** Names of the labels that `read` gives values for. */
  readonly labels?: readonly string[]
  /** One number, or one for each combination of label values. What it throws is logged and leaves the metric empty. */
  read(): number | Iterable<{ readonly labels: Readonly<Record<string, string>>; readonly value: number }>
}
