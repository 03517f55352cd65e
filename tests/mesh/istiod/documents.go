package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	yaml3 "gopkg.in/yaml.v3"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	kubeyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// document is one resource of a stream; the items of a List count as resources of their own.
type document struct {
	File   string
	Index  int
	Object *unstructured.Unstructured
	// Problem is why the API server would not take the text: a key that is there twice, or no YAML at all (then Object is empty).
	Problem string
}

func (d document) String() string {
	return fmt.Sprintf("%s %s/%s", d.Object.GetKind(), d.Object.GetNamespace(), d.Object.GetName())
}

// group is the API group, without the version.
func (d document) group() string { return d.Object.GroupVersionKind().Group }

func readDocuments(file string, in io.Reader) ([]document, error) {
	var documents []document
	reader := kubeyaml.NewYAMLReader(bufio.NewReader(in))
	for index := 0; ; index++ {
		text, err := reader.Read()
		if err == io.EOF {
			return documents, nil
		}
		if err != nil {
			return nil, err
		}
		d := document{File: file, Index: index}
		d.Object, d.Problem = parse(text)
		items, isList, _ := unstructured.NestedSlice(d.Object.Object, "items")
		switch {
		case isList && strings.HasSuffix(d.Object.GetKind(), "List"):
			for _, item := range items {
				if fields, ok := item.(map[string]any); ok {
					documents = append(documents, document{file, index, &unstructured.Unstructured{Object: fields}, d.Problem})
				}
			}
		case d.Object.GetKind() != "" || d.Problem != "":
			documents = append(documents, d)
		}
	}
}

// parse gives integers as int64, as the API server has them, and says what is wrong with the text. It is go-yaml 3, kustomize's
// reader, that is asked about keys given twice: the strict reader of Kubernetes also objects to a key that overrides a merged one.
func parse(text []byte) (*unstructured.Unstructured, string) {
	object := &unstructured.Unstructured{Object: map[string]any{}}
	var anything any
	if err := yaml3.Unmarshal(text, &anything); err != nil {
		return object, err.Error()
	}
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		return object, err.Error()
	}
	if string(asJSON) == "null" {
		return object, ""
	}
	if err := json.Unmarshal(asJSON, &object.Object); err != nil {
		return &unstructured.Unstructured{Object: map[string]any{}}, err.Error()
	}
	return object, ""
}

// readInputs reads the named files, or standard input when none is named.
func readInputs(files []string) ([]document, error) {
	if len(files) == 0 {
		return readDocuments("-", os.Stdin)
	}
	var all []document
	for _, file := range files {
		in, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		documents, err := readDocuments(file, in)
		in.Close()
		if err != nil {
			return nil, err
		}
		all = append(all, documents...)
	}
	return all, nil
}

// podTemplate is the pod a workload creates, or nil for every other kind.
func podTemplate(d document) map[string]any {
	var path []string
	switch d.Object.GetKind() {
	case "Pod":
		return d.Object.Object
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job":
		path = []string{"spec", "template"}
	case "CronJob":
		path = []string{"spec", "jobTemplate", "spec", "template"}
	default:
		return nil
	}
	template, _, _ := unstructured.NestedMap(d.Object.Object, path...)
	return template
}
