package main

import (
	"cluster.local/meshmend/istiod/answer"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/schema/collections"
	kubelib "istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/util/protomarshal"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

const domain = "cluster.local"

// serveRequest is the first line on standard input.
type serveRequest struct {
	Address   string `json:"address"`   // where to listen; the port is the system's choice
	Manifests string `json:"manifests"` // what the API server would hold, Pods and EndpointSlices included
	Mesh      string `json:"mesh"`      // the text of ConfigMap istio, data.mesh
}

// serve answers ADS in plain gRPC until standard input closes, so that it never outlives its test. Its environment is
// istiod's environment: Istio reads its switches when the process starts.
func serve([]string) error {
	input := json.NewDecoder(os.Stdin)
	var request serveRequest
	if err := input.Decode(&request); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()

	documents, err := readDocuments("-", strings.NewReader(request.Manifests))
	if err != nil {
		return err
	}
	if err := refuseRejected(documents); err != nil {
		return err
	}
	meshConfig, err := mesh.ApplyMeshConfigDefaults(request.Mesh)
	if err != nil {
		return fmt.Errorf("mesh config: %w", err)
	}
	configs, err := istioConfigs(documents)
	if err != nil {
		return err
	}
	objects, err := kubernetesObjects(documents)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(request.Address, "0"))
	if err != nil {
		return err
	}
	env := startDiscovery(discoveryInput{objects, configs, meshConfig, listener})

	// What the injector would write into each pod's PROXY_CONFIG, by the very code that merges it.
	proxyConfigs := map[string]json.RawMessage{}
	for _, d := range documents {
		if d.Object.GetKind() != "Pod" {
			continue
		}
		pod := d.Object
		merged, err := protomarshal.ToJSON(env.GetProxyConfigOrDefault(pod.GetNamespace(), pod.GetLabels(), pod.GetAnnotations(), meshConfig))
		if err != nil {
			return err
		}
		proxyConfigs[pod.GetNamespace()+"/"+pod.GetName()] = json.RawMessage(merged)
	}
	if err := answer.Print(map[string]any{
		"istio": istioVersion, "port": listener.Addr().(*net.TCPAddr).Port, "proxyConfigs": proxyConfigs,
	}); err != nil {
		return err
	}
	select {}
}

// refuseRejected ends the run where a cluster's API server would have refused `kubectl apply`.
func refuseRejected(documents []document) error {
	verdicts, err := judge(documents)
	if err != nil {
		return err
	}
	var refused []error
	for _, v := range verdicts {
		for _, text := range v.Errors {
			refused = append(refused, fmt.Errorf("%s %s/%s is rejected: %s", v.Kind, v.Namespace, v.Name, text))
		}
	}
	return errors.Join(refused...)
}

// istioConfigs keeps the stream's order as the order of creation, because Istio's precedence between resources is their age.
func istioConfigs(documents []document) ([]config.Config, error) {
	var configs []config.Config
	created := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, d := range documents {
		schema, known := schemaOf(collections.PilotGatewayAPI(), d)
		if !known {
			continue
		}
		raw, err := json.Marshal(d.Object)
		if err != nil {
			return nil, err
		}
		var object crd.IstioKind
		if err := json.Unmarshal(raw, &object); err != nil {
			return nil, err
		}
		converted, err := crd.ConvertObject(schema, &object, domain)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d, err)
		}
		if converted.CreationTimestamp.IsZero() {
			created = created.Add(time.Second)
			converted.CreationTimestamp = created
		}
		configs = append(configs, *converted)
	}
	return configs, nil
}

// kubernetesObjects are those that make a service registry.
func kubernetesObjects(documents []document) ([]runtime.Object, error) {
	var objects []runtime.Object
	for _, d := range documents {
		switch d.Object.GetKind() {
		case "Namespace", "Node", "Service", "Pod", "EndpointSlice", "Endpoints":
			object, err := typed(d.Object)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", d, err)
			}
			objects = append(objects, object)
		}
	}
	return objects, nil
}

func typed(un *unstructured.Unstructured) (runtime.Object, error) {
	raw, err := json.Marshal(un)
	if err != nil {
		return nil, err
	}
	object, _, err := kubelib.IstioCodec.UniversalDeserializer().Decode(raw, nil, nil)
	return object, err
}
