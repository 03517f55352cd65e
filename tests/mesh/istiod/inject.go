package main

import (
	"cluster.local/meshmend/istiod/answer"
	"encoding/json"
	"fmt"
	"net/http"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/kube/inject"
	admission "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

// injected is what becomes of a workload's pod when it is created.
type injected struct {
	Workload string          `json:"workload"`
	Webhook  string          `json:"webhook"` // empty: no webhook selects the pod, it runs without a sidecar
	Revision string          `json:"revision"`
	Pod      json.RawMessage `json:"pod"`
}

// injectCommand sends the pods of all workloads through the webhooks that the install resource sets up. ENABLE_NATIVE_SIDECARS
// and the like are read from the environment when the process starts; Nodes in the manifests tell their kubelet's version.
func injectCommand(files []string) error {
	documents, err := readInputs(files)
	if err != nil {
		return err
	}
	installed, err := installations(documents)
	if err != nil {
		return err
	}
	namespaces := map[string]map[string]string{}
	for _, d := range documents {
		if d.Object.GetKind() == "Namespace" {
			namespaces[d.Object.GetName()] = d.Object.GetLabels()
		}
	}
	pods := []injected{}
	for _, d := range documents {
		template := podTemplate(d)
		if template == nil || isControlPlane(template) {
			continue
		}
		pod := podOf(d, template)
		outcome := injected{Workload: d.String()}
		for i := range installed {
			webhook, err := selectingWebhook(installed[i], pod, namespaces[pod.GetNamespace()])
			if err != nil {
				return err
			}
			if webhook == "" {
				continue
			}
			outcome.Webhook, outcome.Revision = webhook, installed[i].Revision
			if pod, err = runInjector(installed[i], documents, pod); err != nil {
				return fmt.Errorf("%s: %w", d, err)
			}
			break
		}
		if outcome.Pod, err = json.Marshal(pod); err != nil {
			return err
		}
		pods = append(pods, outcome)
	}
	return answer.Print(map[string]any{"istio": istioVersion, "pods": pods})
}

func isControlPlane(template map[string]any) bool {
	containers, _, _ := unstructured.NestedSlice(template, "spec", "containers")
	for _, each := range containers {
		if container, ok := each.(map[string]any); ok && container["name"] == "discovery" {
			return true
		}
	}
	return false
}

// podOf is the pod that the workload's controller would create.
func podOf(d document, template map[string]any) *unstructured.Unstructured {
	pod := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(template)}
	pod.SetAPIVersion("v1")
	pod.SetKind("Pod")
	namespace := d.Object.GetNamespace()
	if namespace == "" {
		namespace = metav1.NamespaceDefault
	}
	pod.SetNamespace(namespace)
	if d.Object.GetKind() != "Pod" {
		pod.SetGenerateName(d.Object.GetName() + "-")
		controller := true
		pod.SetOwnerReferences([]metav1.OwnerReference{{
			APIVersion: d.Object.GetAPIVersion(), Kind: d.Object.GetKind(), Name: d.Object.GetName(), Controller: &controller,
		}})
	}
	return pod
}

// selectingWebhook is the first webhook whose namespace and object selectors both take the pod.
func selectingWebhook(in installation, pod *unstructured.Unstructured, namespaceLabels map[string]string) (string, error) {
	ofNamespace := labels.Set{"kubernetes.io/metadata.name": pod.GetNamespace()}
	for key, value := range namespaceLabels {
		ofNamespace[key] = value
	}
	for _, webhook := range in.Webhooks {
		byNamespace, err := metav1.LabelSelectorAsSelector(webhook.NamespaceSelector)
		if err != nil {
			return "", err
		}
		byObject, err := metav1.LabelSelectorAsSelector(webhook.ObjectSelector)
		if err != nil {
			return "", err
		}
		if byNamespace.Matches(ofNamespace) && byObject.Matches(labels.Set(pod.GetLabels())) {
			return webhook.Name, nil
		}
	}
	return "", nil
}

// fixedConfig gives the webhook the injector's ConfigMap as the chart rendered it.
type fixedConfig struct{ in installation }

func (fixedConfig) SetHandler(func(*inject.Config, string) error) {}
func (fixedConfig) Run(<-chan struct{})                           {}
func (f fixedConfig) Get() (*inject.Config, string, error) {
	config, err := inject.UnmarshalConfig([]byte(f.in.Config))
	return &config, f.in.Values, err
}

func runInjector(in installation, documents []document, pod *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	meshConfig, err := mesh.ApplyMeshConfigDefaults(in.Mesh)
	if err != nil {
		return nil, err
	}
	configs, err := istioConfigs(documents)
	if err != nil {
		return nil, err
	}
	env := startDiscovery(discoveryInput{configs: configs, mesh: meshConfig})
	var nodes []runtime.Object
	for _, d := range documents {
		if d.Object.GetKind() == "Node" {
			node, err := typed(d.Object)
			if err != nil {
				return nil, err
			}
			nodes = append(nodes, node)
		}
	}
	mux := http.NewServeMux()
	if err := startInjector(fixedConfig{in}, env, mux, in.Revision, nodes); err != nil {
		return nil, err
	}
	// The API server sends its typed form, with the empty objects (`resources: {}`) that the injector's patch relies on.
	object, err := typed(pod)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	response, err := review(mux, "/inject", &admission.AdmissionRequest{
		UID:       "1",
		Kind:      metav1.GroupVersionKind{Version: "v1", Kind: "Pod"},
		Namespace: pod.GetNamespace(),
		Operation: admission.Create,
		Object:    runtime.RawExtension{Raw: raw},
	})
	if err != nil {
		return nil, err
	}
	if !response.Allowed {
		return nil, fmt.Errorf("injector refuses: %s", response.Result.Message)
	}
	if len(response.Patch) == 0 {
		return pod, nil
	}
	patch, err := jsonpatch.DecodePatch(response.Patch)
	if err != nil {
		return nil, err
	}
	patched, err := patch.Apply(raw)
	if err != nil {
		return nil, err
	}
	result := &unstructured.Unstructured{}
	return result, json.Unmarshal(patched, &result.Object)
}
