package main

import (
	"cluster.local/meshmend/istiod/answer"
	"encoding/json"
	"os"
	"strings"

	"istio.io/istio/pkg/config/analysis/analyzers"
	"istio.io/istio/pkg/config/analysis/local"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

type message struct {
	File     string `json:"file"`
	Code     string `json:"code"`
	Level    string `json:"level"`
	Resource string `json:"resource"`
	Text     string `json:"text"`
}

// analyze looks at each file by itself: two golden outputs are two meshes, not one.
func analyze(files []string) error {
	messages := []message{}
	if len(files) == 0 {
		files = []string{"-"}
	}
	for _, file := range files {
		named := []string{file}
		if file == "-" {
			named = nil
		}
		documents, err := readInputs(named)
		if err != nil {
			return err
		}
		found, err := analyzeMesh(file, documents)
		if err != nil {
			return err
		}
		messages = append(messages, found...)
	}
	return answer.Print(map[string]any{"istio": istioVersion, "messages": messages})
}

func analyzeMesh(file string, documents []document) ([]message, error) {
	analyzer := local.NewIstiodAnalyzer(analyzers.AllCombined(), "", "istio-system", nil)
	var text strings.Builder
	for _, d := range documents {
		if d.Object.GetKind() == "" {
			continue
		}
		if isMeshConfig(d) {
			if err := useMeshConfig(analyzer, d); err != nil {
				return nil, err
			}
		}
		one, err := yaml.Marshal(d.Object.Object)
		if err != nil {
			return nil, err
		}
		text.WriteString("---\n")
		text.Write(one)
	}
	if err := analyzer.AddDefaultResources(); err != nil {
		return nil, err
	}
	// The reader for tests is the one that also takes Services, Deployments and Pods from files.
	found := []message{}
	source := local.ReaderSource{Name: "manifests", Reader: strings.NewReader(text.String())}
	if err := analyzer.AddTestReaderKubeSource([]local.ReaderSource{source}); err != nil {
		// A resource of the wrong shape; the others are analyzed all the same.
		found = append(found, message{File: file, Level: "Error", Text: err.Error()})
	}
	stop := make(chan struct{})
	defer close(stop)
	result, err := analyzer.Analyze(stop)
	if err != nil {
		return nil, err
	}
	for i := range result.Messages {
		m := &result.Messages[i]
		resource := ""
		if m.Resource != nil {
			resource = m.Resource.Origin.FriendlyName()
		}
		// The text exists only inside the JSON form of a message.
		fields := struct{ Message string }{}
		encoded, err := json.Marshal(m)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(encoded, &fields); err != nil {
			return nil, err
		}
		found = append(found, message{file, m.Type.Code(), m.Type.Level().String(), resource, fields.Message})
	}
	return found, nil
}

func useMeshConfig(analyzer *local.IstiodAnalyzer, d document) error {
	text, _, _ := unstructured.NestedString(d.Object.Object, "data", "mesh")
	file, err := os.CreateTemp("", "mesh-*.yaml")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if _, err := file.WriteString(text); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return analyzer.AddFileKubeMeshConfig(file.Name())
}
