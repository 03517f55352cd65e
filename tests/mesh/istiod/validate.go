package main

import (
	"bytes"
	"cluster.local/meshmend/istiod/answer"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"

	"istio.io/istio/manifests"
	"istio.io/istio/pkg/config/crd"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/webhooks/validation/server"
	admission "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

type verdict struct {
	File      string   `json:"file"`
	Document  int      `json:"document"`
	Kind      string   `json:"kind"`
	Namespace string   `json:"namespace,omitempty"`
	Name      string   `json:"name"`
	Errors    []string `json:"errors"`
	Warnings  []string `json:"warnings"`
}

func validate(files []string) error {
	documents, err := readInputs(files)
	if err != nil {
		return err
	}
	verdicts, err := judge(documents)
	if err != nil {
		return err
	}
	return answer.Print(map[string]any{"istio": istioVersion, "resources": verdicts})
}

// judge says of every resource that Istio reads what the API server would say when it is applied: the CRD's schema and CEL
// rules first, then istiod's webhook. Mesh config and proxy config, which no webhook sees, go through Istio's own readers.
func judge(documents []document) ([]verdict, error) {
	admit, err := webhook()
	if err != nil {
		return nil, err
	}
	schemas, err := crdValidator(documents)
	if err != nil {
		return nil, err
	}
	verdicts := []verdict{}
	for _, d := range documents {
		v := verdict{
			File: d.File, Document: d.Index, Kind: d.Object.GetKind(), Namespace: d.Object.GetNamespace(), Name: d.Object.GetName(),
			Errors: []string{}, Warnings: []string{},
		}
		if d.Problem != "" {
			v.Errors = append(v.Errors, d.Problem)
		}
		_, isIstio := schemaOf(collections.Pilot, d)
		switch {
		case isIstio:
			if err := schemas.ValidateCustomResource(d.Object.DeepCopy()); err != nil {
				v.Errors = append(v.Errors, err.Error())
			}
			reject, warnings, err := admit(d.Object)
			if err != nil {
				return nil, err
			}
			if reject != "" {
				v.Errors = append(v.Errors, reject)
			}
			v.Warnings = append(v.Warnings, warnings...)
		case d.group() == "install.istio.io":
			warnings, err := validateOperator(d.Object.DeepCopy().Object)
			if err != nil {
				v.Errors = append(v.Errors, err.Error())
			}
			v.Warnings = append(v.Warnings, warnings...)
		case isMeshConfig(d):
			text, _, _ := unstructured.NestedString(d.Object.Object, "data", "mesh")
			if _, err := mesh.ApplyMeshConfigDefaults(text); err != nil {
				v.Errors = append(v.Errors, err.Error())
			}
		default:
			annotation, found, _ := unstructured.NestedString(podTemplate(d), "metadata", "annotations", "proxy.istio.io/config")
			if !found && d.Problem == "" {
				continue
			}
			if _, err := mesh.MergeProxyConfig(annotation, mesh.DefaultProxyConfig()); err != nil {
				v.Errors = append(v.Errors, err.Error())
			}
		}
		verdicts = append(verdicts, v)
	}
	return verdicts, nil
}

// isMeshConfig knows the ConfigMap that istiod reads, of any revision.
func isMeshConfig(d document) bool {
	name := d.Object.GetName()
	if d.Object.GetKind() != "ConfigMap" || (name != "istio" && !strings.HasPrefix(name, "istio-")) {
		return false
	}
	_, found, _ := unstructured.NestedString(d.Object.Object, "data", "mesh")
	return found
}

// webhook speaks to istiod's validating webhook as the API server does, so that its checks of raw fields run as well.
func webhook() (func(*unstructured.Unstructured) (reject string, warnings []string, err error), error) {
	mux := http.NewServeMux()
	if _, err := server.New(server.Options{Schemas: collections.Pilot, DomainSuffix: domain, Mux: mux}); err != nil {
		return nil, err
	}
	return func(object *unstructured.Unstructured) (string, []string, error) {
		copied := object.DeepCopy()
		if copied.GetNamespace() == "" {
			copied.SetNamespace(metav1.NamespaceDefault)
		}
		raw, err := json.Marshal(copied)
		if err != nil {
			return "", nil, err
		}
		response, err := review(mux, "/validate", &admission.AdmissionRequest{
			UID:       "1",
			Kind:      metav1.GroupVersionKind(copied.GroupVersionKind()),
			Namespace: copied.GetNamespace(),
			Operation: admission.Create,
			Object:    runtime.RawExtension{Raw: raw},
		})
		if err != nil {
			return "", nil, err
		}
		if response.Allowed {
			return "", response.Warnings, nil
		}
		return response.Result.Message, response.Warnings, nil
	}, nil
}

// review sends one AdmissionReview to a webhook's handler.
func review(mux *http.ServeMux, path string, request *admission.AdmissionRequest) (*admission.AdmissionResponse, error) {
	body, err := json.Marshal(admission.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Request:  request,
	})
	if err != nil {
		return nil, err
	}
	post := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	post.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, post)
	var answer admission.AdmissionReview
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil || answer.Response == nil {
		return nil, fmt.Errorf("webhook %s answered %d: %s", path, recorder.Code, recorder.Body)
	}
	return answer.Response, nil
}

// crdValidator checks against the CRDs that this Istio's charts install. Only those of the documents' kinds are compiled,
// because compiling their CEL rules takes most of the time. Its constructor wants a file.
func crdValidator(documents []document) (*crd.Validator, error) {
	text, err := fs.ReadFile(manifests.FS, crdFile)
	if err != nil {
		return nil, err
	}
	kinds := map[string]bool{}
	for _, d := range documents {
		kinds[d.Object.GetKind()] = true
	}
	file, err := os.CreateTemp("", "crd-*.yaml")
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	kindOfCRD := regexp.MustCompile(`(?m)^    kind: (\w+)$`)
	for _, one := range strings.Split(string(text), "\n---\n") {
		if kind := kindOfCRD.FindStringSubmatch(one); kind == nil || !kinds[kind[1]] {
			continue
		}
		if _, err := file.WriteString("---\n" + one + "\n"); err != nil {
			return nil, err
		}
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	return crd.NewValidatorFromFiles(file.Name())
}
