import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { matchesGlob, matchesParts, matchesPath } from '../src/glob.ts';

const test = suite('globs');

test('a star matches any characters, everything else itself', () => {
  for (const [glob, text] of [
    ['*', ''],
    ['*', 'web'],
    ['web', 'web'],
    ['web-*', 'web-'],
    ['*-v1', 'web-v1-v1'],
    ['a*b*c', 'a-b-b-c'],
    ['**', 'x'],
    ['a.c', 'a.c'],
  ] as const)
    assert.ok(matchesGlob(glob, text), `${glob} matches ${text}`);
  for (const [glob, text] of [
    ['', 'x'],
    ['web', 'webs'],
    ['*b', 'abc'],
    ['ab*ba', 'aba'],
    ['a.c', 'abc'],
    ['[a]', 'a'],
    ['a*b', 'a'],
  ] as const)
    assert.not.ok(matchesGlob(glob, text), `${glob} does not match ${text}`);
});

test('the work grows with the text, whatever the glob', () => {
  const stepsFor = (glob: string, length: number): number => {
    let steps = 0;
    const fits = (part: string, item: string): boolean => {
      steps++;
      return part === item;
    };
    matchesParts(glob, 'a'.repeat(length), '*', fits);
    return steps;
  };
  for (const glob of ['*a*a*a*a*a*a*b', '*aaaaaaaab', `${'*a'.repeat(126)}b`, 'a*'.repeat(126)])
    for (const length of [250, 1000, 4000]) {
      const steps = stepsFor(glob, length);
      assert.ok(steps <= length * glob.length, `${steps} steps for ${length} characters`);
    }
  assert.ok(stepsFor('*a*a*a*a*a*a*b', 4000) < 5 * stepsFor('*a*a*a*a*a*a*b', 1000), 'linear');
});

test('paths: two stars match folders, one star a part of a name', () => {
  for (const [glob, path] of [
    ['vendor/**', 'vendor/a.yaml'],
    ['vendor/**', 'vendor/deep/a.yaml'],
    ['vendor', 'apps/vendor/a.yaml'],
    ['apps/vendor/', 'apps/vendor/a.yaml'],
    ['**/testdata/**', 'testdata/a.yaml'],
    ['**/testdata/**', 'a/b/testdata/c/a.yaml'],
    ['*.gen.yaml', 'a/b/x.gen.yaml'],
    ['a/*/c.yaml', 'a/b/c.yaml'],
    ['./a', 'a/b.yaml'],
    ['/a', 'a/b.yaml'],
    ['**/*.json', 'x.json'],
  ] as const)
    assert.ok(matchesPath(glob, path), `${glob} matches ${path}`);
  for (const [glob, path] of [
    ['vendor/**', 'apps/vendor/a.yaml'],
    ['a/*/c.yaml', 'a/b/b/c.yaml'],
    ['/a', 'b/a/c.yaml'],
    ['*.json', 'x.yaml'],
    ['vendor', 'vendored/a.yaml'],
  ] as const)
    assert.not.ok(matchesPath(glob, path), `${glob} does not match ${path}`);
});

test.run();
