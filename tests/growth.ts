/**
 * How many times as much CPU time work takes on four times as much: 4 where it is linear, 16 where it is quadratic, 64
 * where it is cubic. The least of several turns counts, since a busy machine only ever adds to the time.
 *
 * @param sizedWork - prepares work of a size, which is not measured; a size to start from takes some milliseconds
 */
export function growth(size: number, sizedWork: (size: number) => () => void): number {
  const [small, large] = [sizedWork(size), sizedWork(4 * size)];
  let best: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  small(); // so that both are measured with compiled code
  for (let turn = 0; turn < 5; turn++) best = [Math.min(best[0], cpuTime(small)), Math.min(best[1], cpuTime(large))];
  return best[1] / best[0];
}

/** Microseconds that this process computes, whatever else the machine does. */
function cpuTime(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}
