import * as assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import { envoyFilterFacts } from '../src/mesh/since/envoy-filter.ts';
import type { Fact } from '../src/mesh/since/fact.ts';
import { httpFacts } from '../src/mesh/since/http.ts';
import { installFacts } from '../src/mesh/since/install.ts';
import { istiodEnvironment } from '../src/mesh/since/istiod-environment.ts';
import { trafficFacts } from '../src/mesh/since/traffic.ts';
import { type FactName, facts, firstWithout, has, lastWithout, releasesWith } from '../src/mesh/since.ts';
import { compareVersions, newestKnown, parseVersion, type Version } from '../src/mesh/version.ts';

const test = suite('since');
const version = (text: string): Version => parseVersion(text) ?? assert.fail(text);

test('a fact holds from its first version to its last', () => {
  const answers = (name: FactName, ...versions: string[]) => versions.map((text) => has(version(text), name));
  assert.deepEqual(answers('nativeHeaderCase', '1.24', '1.24.9', '1.25.0', '1.25', '1.32'), [
    false,
    false,
    true,
    true,
    true,
  ]);
  assert.deepEqual(answers('oldFilterNames', '1.6', '1.18.7', '1.18', '1.19.0'), [true, true, true, false]);
  assert.deepEqual(answers('headlessAuto404', '1.7', '1.8.0', '1.11', '1.12'), [false, true, true, false]);
});

test('a version without a patch number is the newest patch', () => {
  assert.equal(has({ minor: 9 }, 'wellFormedDns'), true);
  assert.equal(has({ minor: 9, patch: 1 }, 'wellFormedDns'), false);
  assert.equal(has({ patch: 0, ...version('1.9') }, 'wellFormedDns'), false);
});

test('a fact holds from its backports on, in their minor versions only', () => {
  const holds = (text: string): boolean => has(version(text), 'nativeHeaderCaseKeepsHttp10');
  assert.deepEqual(['1.24.9', '1.25.4', '1.25.5', '1.26.3', '1.26.4', '1.27.0', '1.27.1', '1.28.0'].map(holds), [
    false,
    false,
    true,
    false,
    true,
    false,
    true,
    true,
  ]);
  assert.equal(releasesWith('nativeHeaderCaseKeepsHttp10'), '1.25.5, 1.26.4 and 1.27.1');
});

test('texts name the versions beside a change', () => {
  assert.equal(lastWithout('nativeHeaderCase'), '1.24');
  assert.equal(lastWithout('wellFormedDns'), '1.9.1');
  assert.equal(firstWithout('oldFilterNames'), '1.19');
});

test('every fact has its own name, a source, and versions in order', () => {
  const topics = [httpFacts, envoyFilterFacts, trafficFacts, installFacts, istiodEnvironment];
  assert.equal(Object.keys(facts).length, topics.flatMap((topic) => Object.keys(topic)).length);
  for (const [name, fact] of Object.entries<Fact>(facts)) {
    const { since, until, backports = [], source } = fact;
    assert.ok(since ?? until, `${name} holds for every version`);
    assert.match(source, /^https:\/\//, name);
    for (const patch of backports) assert.ok(since && compareVersions(version(patch), version(since)) < 0, name);
    if (since && until) assert.ok(compareVersions(version(since), version(until)) <= 0, name);
    for (const text of [since, until]) assert.ok(!text || version(text).minor <= newestKnown.minor, name);
  }
});

test('no other code compares with a version', () => {
  const root = new URL('../src/', import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const comparing = files.filter((file) => readFileSync(new URL(file, root), 'utf8').includes('atLeast('));
  assert.deepEqual(comparing.sort(), ['mesh/since.ts', 'mesh/version.ts']);
});

test.run();
