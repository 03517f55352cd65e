import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inject } from './istiod.ts';
import { rewrite } from './rewrite.ts';
import { stream, workload } from './shop.ts';
import { usedIstios } from './versions.ts';

const injectedNamespace = `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled`;

const switches = suite('native-dns');
for (const istio of usedIstios()) {
  switches(
    `a bare true makes the injector refuse the pod, a quoted one reaches it (Istio ${istio.minor})`,
    async () => {
      const manifests = stream(
        injectedNamespace,
        workload('client', { proxyConfig: 'proxyMetadata:\n  ISTIO_META_DNS_CAPTURE: true' }),
      );
      const refusal = await inject(istio, manifests).then(
        () => '',
        (error: unknown) => String(error),
      );
      assert.match(refusal, 'invalid annotations');

      const [pod] = await inject(istio, await rewrite(istio, manifests, ['--native-dns']));
      const containers = [...pod!.pod.spec.containers, ...(pod!.pod.spec.initContainers ?? [])];
      const proxy = containers.find(({ name }) => name === 'istio-proxy');
      assert.is(proxy?.env?.find(({ name }) => name === 'ISTIO_META_DNS_CAPTURE')?.value, 'true');
    },
  );

  switches(`the variable is set in the application, not in the proxy (Istio ${istio.minor})`, async () => {
    const manifests = stream(
      injectedNamespace,
      workload('client', { proxyConfig: 'proxyMetadata:\n  ISTIO_META_DNS_CAPTURE: "true"' }),
    );
    const [pod] = await inject(
      istio,
      await rewrite(istio, manifests, ['--native-dns', '--set', 'native-dns.force=true']),
    );
    const containers = [...pod!.pod.spec.containers, ...(pod!.pod.spec.initContainers ?? [])];
    const having = containers.filter(({ env }) => env?.some(({ name }) => name === 'GRPC_DNS_RESOLVER'));
    assert.equal(
      having.map(({ name }) => name),
      ['app'],
    );
  });
}
switches.run();
