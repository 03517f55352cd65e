/** The switches of smart DNS in a proxy's environment. */
export const dnsCapture = 'ISTIO_META_DNS_CAPTURE';
export const dnsAutoAllocate = 'ISTIO_META_DNS_AUTO_ALLOCATE';

/** What gRPC's C core, and all languages built on it, take the resolver from. */
export const grpcResolver = 'GRPC_DNS_RESOLVER';
