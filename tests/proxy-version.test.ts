import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { matchesProxyVersion } from '../src/mesh/proxy-version.ts';

const proxyVersion = suite('proxyVersion');

proxyVersion('is matched against the whole version, anchored only where it says so', () => {
  assert.is(matchesProxyVersion('^1\\.24.*', { minor: 24 }), true);
  assert.is(matchesProxyVersion('^1\\.1.*', { minor: 18 }), true);
  assert.is(matchesProxyVersion('^1\\.1(\\..*)?$', { minor: 18 }), false);
  assert.is(matchesProxyVersion('1.8', { minor: 8 }), true);
  assert.is(matchesProxyVersion('^1\\.(2[4-9]|3\\d)\\.', { minor: 31 }), true);
});

proxyVersion('may name a patch release, which counts where the patch is known', () => {
  assert.is(matchesProxyVersion('^1\\.24\\.2$', { minor: 24 }), true);
  assert.is(matchesProxyVersion('^1\\.24\\.2$', { minor: 24, patch: 2 }), true);
  assert.is(matchesProxyVersion('^1\\.24\\.2$', { minor: 24, patch: 3 }), false);
});

proxyVersion('is not guessed at where Go and JavaScript differ, or where it could take for ever', () => {
  for (const expression of ['(?i)^1', '(?!x)', '\\Q1.2\\E', '(1*)*x', '(', '.*'.repeat(40), 'a'.repeat(2000)])
    assert.is(matchesProxyVersion(expression, { minor: 24 }), undefined, expression);
});

proxyVersion.run();
