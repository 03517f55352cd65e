//go:build istio1_18

package main

import (
	"errors"
	"net"
	"net/http"
	"strings"

	"istio.io/istio/operator/pkg/helm"
	"istio.io/istio/pilot/pkg/model"
	kube "istio.io/istio/pilot/pkg/serviceregistry/kube/controller"
	"istio.io/istio/pilot/pkg/xds"
	"istio.io/istio/pkg/kube/inject"
	"istio.io/pkg/log"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

const crdFile = "charts/base/crds/crd-all.gen.yaml"

// quietLogs keeps of Istio's log what warns.
func quietLogs() {
	options := log.DefaultOptions()
	options.SetOutputLevel(log.OverrideScopeName, log.WarnLevel)
	if err := log.Configure(options); err != nil {
		panic(err)
	}
}

func startDiscovery(input discoveryInput) *model.Environment {
	options := xds.FakeOptions{
		KubernetesObjects: input.objects, Configs: input.configs, MeshConfig: input.mesh,
		KubernetesEndpointMode: kube.EndpointSliceOnly, // Endpoints otherwise
	}
	if input.listener != nil {
		options.ListenerBuilder = func() (net.Listener, error) { return input.listener, nil }
	}
	return xds.NewFakeDiscoveryServer(failer{}, options).Env()
}

// startInjector sets up /inject on the mux. Nodes were not asked about native sidecars yet.
func startInjector(watcher inject.Watcher, env *model.Environment, mux *http.ServeMux, revision string, _ []runtime.Object) error {
	_, err := inject.NewWebhook(inject.WebhookParameters{Watcher: watcher, Env: env, Mux: mux, Revision: revision})
	return err
}

var errNoOperator = errors.New("IstioOperator is not supported by this build of Istio 1.18: use the istiod chart's values")

func validateOperator(map[string]any) ([]string, error) { return nil, nil }

func renderOperator(map[string]any) ([]*unstructured.Unstructured, error) { return nil, errNoOperator }

// renderIstiodChart does what `helm template` of the chart istiod would.
func renderIstiodChart(chartValues map[string]any) ([]*unstructured.Unstructured, error) {
	text, err := yaml.Marshal(chartValues)
	if err != nil {
		return nil, err
	}
	renderer := helm.NewHelmRenderer("", "istio-control/istio-discovery", "Pilot", "istio-system", nil)
	if err := renderer.Run(); err != nil {
		return nil, err
	}
	rendered, err := renderer.RenderManifest(string(text))
	if err != nil {
		return nil, err
	}
	documents, err := readDocuments("chart", strings.NewReader(rendered))
	var objects []*unstructured.Unstructured
	for _, d := range documents {
		objects = append(objects, d.Object)
	}
	return objects, err
}
