import { createServer, type Server } from 'node:net';

/** A /24 of loopback addresses that is this mesh's alone, so that every pod can use its real ports. */
export interface Loopback {
  readonly istiod: string;
  /** The address of the nth pod. */
  pod(n: number): string;
  /** Where the nth pod's application finds the services: its outbound listeners bind here, not on its own address. */
  outbound(n: number): string;
  release(): void;
}

// Held while the block is in use; another run that picks the same block finds it taken and picks again.
const claimPort = 15_999;

export async function claimLoopback(): Promise<Loopback> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const block = `127.${16 + Math.floor(Math.random() * 200)}.${Math.floor(Math.random() * 256)}`;
    const claim = await listen(`${block}.1`, claimPort).catch(() => undefined);
    if (!claim) continue;
    return {
      istiod: `${block}.2`,
      pod: (n) => `${block}.${10 + n}`,
      outbound: (n) => `${block}.${130 + n}`,
      release: () => claim.close(),
    };
  }
  throw new Error('no free block of loopback addresses after 100 attempts');
}

function listen(address: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, address, () => resolve(server.unref()));
  });
}
