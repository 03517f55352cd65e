import { writeSync } from 'node:fs';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Holds back the signals that would end the process in the midst of its writing. */
export interface Interruption {
  /** Lets signals come in; returns the one that came. */
  poll(): Promise<NodeJS.Signals | undefined>;
  /** Lets signals end the process again. */
  release(): void;
  /** Ends the process as a signal that was held back would have ended it, and says what that came to. */
  endBy(signal: NodeJS.Signals, said: string): never;
}

export function holdSignals(): Interruption {
  let received: NodeJS.Signals | undefined;
  const note = (signal: NodeJS.Signals): void => {
    received ??= signal;
  };
  for (const signal of signals) process.on(signal, note);
  const release = (): void => {
    for (const signal of signals) process.off(signal, note);
  };
  return {
    async poll() {
      await new Promise((resolve) => setImmediate(resolve));
      return received;
    },
    release,
    endBy(signal, said) {
      release();
      writeSync(2, `interrupted by ${signal}: ${said}\n`);
      process.kill(process.pid, signal);
      // Another thread may take the signal a moment later, and nothing more may be said until then.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      process.exit(2);
    },
  };
}
