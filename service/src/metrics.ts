/**
 * Metrics of a process, in Prometheus' words. What is counted already is read when somebody asks, so that counting costs
 * nothing more; only latencies are noted as they occur.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export { Registry };

/** A value and what its labels say, in their order. Each takes few values: no robot's id, no client's. */
export type Sample = readonly [labels: string | readonly string[], value: number];

/** Adds metrics to a registry. Names end in their unit, `_total` for what only grows. */
export interface Metrics {
  /** What only grows, read when asked. */
  counter(name: string, help: string, read: () => number): void;
  counterBy(labels: readonly string[], name: string, help: string, read: () => Iterable<Sample>): void;
  /** What goes up and down, read when asked. */
  gauge(name: string, help: string, read: () => number): void;
  gaugeBy(labels: readonly string[], name: string, help: string, read: () => Iterable<Sample>): void;
  /** Latencies or sizes: returns what notes one. Cheap, though not for every packet. */
  histogram(name: string, help: string, buckets: readonly number[]): (value: number) => void;
  histogramBy(
    label: string,
    name: string,
    help: string,
    buckets: readonly number[],
  ): (labelValue: string, value: number) => void;
}

/**
 * A registry with what Node says of the process itself: event loop, garbage collection, memory, CPU. One a process; it
 * costs about half a per cent of a core.
 */
export function processRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** @param prefix of each name: `hub_` */
export function createMetrics(registry: Registry, prefix: string): Metrics {
  const common = (name: string, help: string) => ({ name: `${prefix}${name}`, help, registers: [registry] });
  return {
    counter(name, help, read) {
      new Counter({
        ...common(name, help),
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    },
    counterBy(labelNames, name, help, read) {
      new Counter({
        ...common(name, help),
        labelNames,
        collect() {
          this.reset();
          for (const [labels, count] of read()) this.labels(...[labels].flat()).inc(count);
        },
      });
    },
    gauge(name, help, read) {
      new Gauge({
        ...common(name, help),
        collect() {
          this.set(read());
        },
      });
    },
    gaugeBy(labelNames, name, help, read) {
      new Gauge({
        ...common(name, help),
        labelNames,
        collect() {
          this.reset();
          for (const [labels, value] of read()) this.labels(...[labels].flat()).set(value);
        },
      });
    },
    histogram(name, help, buckets) {
      const histogram = new Histogram({ ...common(name, help), buckets: [...buckets] });
      return (value) => histogram.observe(value);
    },
    histogramBy(label, name, help, buckets) {
      const histogram = new Histogram({ ...common(name, help), labelNames: [label], buckets: [...buckets] });
      return (labelValue, value) => histogram.observe({ [label]: labelValue }, value);
    },
  };
}
