import { compareVersions, formatVersion, oldestKnown, parseVersion, type Version } from '../mesh/version.ts';
import { faultOf, type Given } from './parameter-values.ts';

/**
 * Reads an Istio version.
 *
 * @throws InputError for what is not a version, or one that is older than all that meshmend knows
 */
export function versionFrom(given: Given): Version {
  const { value, text } = given;
  const written = typeof value === 'string' ? value : text;
  if (written === undefined || written === '') {
    // A bare 1.10 is the number 1.1, so no number can be trusted.
    const hint = typeof value === 'number' ? `quote it: "${given.written ?? '1.27'}"` : undefined;
    throw faultOf(given, 'must be a version as a string', hint);
  }
  const version = parseVersion(written);
  if (!version)
    throw faultOf(given, `is not an Istio version: ${JSON.stringify(written)}`, 'write it as 1.27 or 1.27.1');
  if (compareVersions(version, { ...oldestKnown, patch: 0 }) < 0) {
    const message = `is Istio ${formatVersion(version)}; meshmend knows ${formatVersion(oldestKnown)} and later`;
    throw faultOf(given, message);
  }
  return version;
}
