package main

import (
	"net"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/collection"
	"istio.io/istio/pkg/config/schema/resource"
	"k8s.io/apimachinery/pkg/runtime"
)

// istioVersion is set by the linker: a module's own version says nothing of Istio's.
var istioVersion = "unknown"

// discoveryInput is a mesh's content; without a listener nobody can ask for it, but its model can still be of use.
type discoveryInput struct {
	objects  []runtime.Object
	configs  []config.Config
	mesh     *meshconfig.MeshConfig
	listener net.Listener
}

// schemaOf looks a kind up whatever its version, as Istio's webhook does: the CRD decides which versions are served.
func schemaOf(schemas collection.Schemas, d document) (resource.Schema, bool) {
	for _, schema := range schemas.All() {
		if gvk := schema.GroupVersionKind(); gvk.Group == d.group() && gvk.Kind == d.Object.GetKind() {
			return schema, true
		}
	}
	return nil, false
}
