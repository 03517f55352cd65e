import { code, type Fact, type VersionText } from './fact.ts';

const features = code('master', 'pilot/pkg/features/pilot.go');

/** Environment variables of istiod that some versions read, by their own names. */
export const istiodEnvironment = {
  PILOT_ENABLE_PROTOCOL_SNIFFING_FOR_OUTBOUND: readUntil('1.18'),
  PILOT_ENABLE_PROTOCOL_SNIFFING_FOR_INBOUND: readUntil('1.18'),
  ENABLE_LEGACY_LB_ALGORITHM_DEFAULT: readUntil('1.18'),
  PILOT_ENABLE_DESTINATION_RULE_INHERITANCE: readUntil('1.19'),
  PILOT_ENABLE_HEADLESS_SERVICE_POD_LISTENERS: readUntil('1.21'),
  PILOT_ENABLE_INBOUND_PASSTHROUGH: readUntil('1.21'),
  ENABLE_EXTERNAL_NAME_ALIAS: readUntil('1.23'),
  VERIFY_CERTIFICATE_AT_CLIENT: readUntil('1.23'),
  PERSIST_OLDEST_FIRST_HEURISTIC_FOR_VIRTUAL_SERVICE_HOST_MATCHING: readUntil('1.23'),
  ENABLE_AUTO_SNI: { ...readUntil('1.25'), since: '1.14' },
  ENABLE_INBOUND_RETRY_POLICY: { ...readUntil('1.26'), since: '1.23' },
  EXCLUDE_UNSAFE_503_FROM_DEFAULT_RETRY: { ...readUntil('1.26'), since: '1.24' },
} as const satisfies Readonly<Record<string, Fact>>;

function readUntil<const Version extends VersionText>(
  until: Version,
): { readonly what: string; readonly until: Version; readonly source: string } {
  return { what: 'istiod reads this environment variable', until, source: features };
}
