//go:build !istio1_18

package main

import (
	"net"
	"net/http"
	"os"

	"istio.io/istio/operator/pkg/apis/validation"
	"istio.io/istio/operator/pkg/manifest"
	"istio.io/istio/operator/pkg/render"
	"istio.io/istio/operator/pkg/values"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/cluster"
	kubelib "istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/kube/inject"
	"istio.io/istio/pkg/kube/multicluster"
	"istio.io/istio/pkg/log"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

const crdFile = "charts/base/files/crd-all.gen.yaml"

// quietLogs keeps of Istio's log what warns.
func quietLogs() {
	options := log.DefaultOptions()
	options.SetDefaultOutputLevel(log.OverrideScopeName, log.WarnLevel)
	if err := log.Configure(options); err != nil {
		panic(err)
	}
}

func startDiscovery(input discoveryInput) *model.Environment {
	options := xds.FakeOptions{KubernetesObjects: input.objects, Configs: input.configs, MeshConfig: input.mesh}
	if input.listener != nil {
		options.ListenerBuilder = func() (net.Listener, error) { return input.listener, nil }
	}
	return xds.NewFakeDiscoveryServer(failer{}, options).Env()
}

// startInjector sets up /inject on the mux. The nodes tell whether kubelets know native sidecars.
func startInjector(watcher inject.Watcher, env *model.Environment, mux *http.ServeMux, revision string, nodes []runtime.Object) error {
	clusters := multicluster.NewFakeController()
	if _, err := inject.NewWebhook(inject.WebhookParameters{
		Watcher: watcher, Env: env, Mux: mux, Revision: revision, MultiCluster: clusters,
	}); err != nil {
		return err
	}
	client, stop := kubelib.NewFakeClient(nodes...), make(chan struct{})
	clusters.Add(cluster.ID("Kubernetes"), client, stop)
	client.RunAndWait(stop)
	return nil
}

func validateOperator(operator map[string]any) ([]string, error) {
	warnings, errs := validation.ParseAndValidateIstioOperator(values.Map(operator), nil)
	var texts []string
	for _, warning := range warnings {
		texts = append(texts, warning.Error())
	}
	return texts, errs.ToError()
}

// renderOperator does what `istioctl install -f` would. It wants a file.
func renderOperator(operator map[string]any) ([]*unstructured.Unstructured, error) {
	text, err := yaml.Marshal(operator)
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp("", "operator-*.yaml")
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	if _, err := file.Write(text); err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	sets, _, err := render.GenerateManifest([]string{file.Name()}, nil, false, nil, nil)
	if err != nil {
		return nil, err
	}
	var all []*unstructured.Unstructured
	for _, set := range sets {
		all = append(all, objectsOf(set.Manifests)...)
	}
	return all, nil
}

func objectsOf(rendered []manifest.Manifest) []*unstructured.Unstructured {
	var objects []*unstructured.Unstructured
	for _, one := range rendered {
		objects = append(objects, one.Unstructured)
	}
	return objects
}

// renderIstiodChart does what `helm template` of the chart istiod would.
func renderIstiodChart(chartValues map[string]any) ([]*unstructured.Unstructured, error) {
	rendered, err := renderChart("istio-control/istio-discovery", values.Map{"spec": map[string]any{"values": chartValues}})
	return objectsOf(rendered), err
}
