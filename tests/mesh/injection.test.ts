import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { inject } from './istiod.ts';
import { rewrite } from './rewrite.ts';
import { stream, workload } from './shop.ts';
import { usedIstios } from './versions.ts';

interface ProxySettings {
  readonly proxyMetadata?: Readonly<Record<string, string>>;
  readonly proxyHeaders?: { readonly preserveHttp1HeaderCase?: boolean };
  readonly holdApplicationUntilProxyStarts?: boolean;
}

const injectedNamespace = `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled`;

const injection = suite('injection');
for (const istio of usedIstios()) {
  injection(`settings written into a workload's annotation reach its proxy (Istio ${istio.minor})`, async () => {
    const manifests = stream(
      injectedNamespace,
      workload('legacy', {
        proxyConfig: 'holdApplicationUntilProxyStarts: true\nproxyMetadata:\n  ISTIO_META_TEAM: shop',
      }),
    );
    const flags = ['--support-http10', '--set', 'support-http10.scope=workload'];
    const [pod] = await inject(istio, await rewrite(istio, manifests, flags));
    assert.is(pod?.workload, 'Deployment shop/legacy');
    assert.ok(pod?.webhook, 'a webhook selects the pod');

    const proxy = [...pod!.pod.spec.containers, ...(pod!.pod.spec.initContainers ?? [])].find(
      ({ name }) => name === 'istio-proxy',
    );
    const text = proxy?.env?.find(({ name }) => name === 'PROXY_CONFIG')?.value;
    const { proxyMetadata, holdApplicationUntilProxyStarts } = parse(text ?? '') as ProxySettings;
    assert.equal(proxyMetadata, { ISTIO_META_HTTP10: '1', ISTIO_META_TEAM: 'shop' });
    assert.is(holdApplicationUntilProxyStarts, true, 'what the annotation said before is still said');
    assert.is(proxy?.env?.find(({ name }) => name === 'ISTIO_META_HTTP10')?.value, '1', 'pilot-agent reads it there');
  });
}
injection.run();
