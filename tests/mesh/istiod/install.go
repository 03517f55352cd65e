package main

import (
	"cluster.local/meshmend/istiod/answer"
	"errors"
	"fmt"

	admissionregistration "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

// installation is what one istiod is given when the install resource found in the manifests is applied.
type installation struct {
	Source   string                                  `json:"source"`
	Revision string                                  `json:"revision"`
	Env      map[string]string                       `json:"env"`
	Mesh     string                                  `json:"mesh"`
	Config   string                                  `json:"-"`
	Values   string                                  `json:"-"`
	Webhooks []admissionregistration.MutatingWebhook `json:"-"`
}

func install(files []string) error {
	documents, err := readInputs(files)
	if err != nil {
		return err
	}
	found, err := installations(documents)
	if err != nil {
		return err
	}
	return answer.Print(map[string]any{"istio": istioVersion, "installations": found})
}

// installations renders Istio's own charts with the values that the manifests hold, and lays istiod's Deployment and the
// ConfigMap istio, when they are there themselves, over the result. With no install resource it is the default installation.
func installations(documents []document) ([]installation, error) {
	var all []installation
	for _, d := range documents {
		var rendered []*unstructured.Unstructured
		var err error
		switch {
		case d.group() == "install.istio.io":
			rendered, err = renderOperator(d.Object.DeepCopy().Object)
		default:
			chartValues, isRelease, readErr := releaseValues(d)
			if readErr != nil {
				return nil, readErr
			}
			if !isRelease {
				continue
			}
			rendered, err = renderIstiodChart(chartValues)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d, err)
		}
		one, err := readInstallation(d.String(), rendered)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		rendered, err := renderIstiodChart(map[string]any{})
		if err != nil {
			return nil, err
		}
		one, err := readInstallation("the chart's defaults", rendered)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	for i := range all {
		for _, d := range documents {
			if err := all[i].overlay(d); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// releaseValues finds the values of the istiod chart in Sail's Istio, Flux' HelmRelease and Argo CD's Application.
func releaseValues(d document) (map[string]any, bool, error) {
	object := d.Object.Object
	switch d.group() + "/" + d.Object.GetKind() {
	case "sailoperator.io/Istio", "sailoperator.io/IstioRevision":
		chartValues, _, err := unstructured.NestedMap(object, "spec", "values")
		return chartValues, true, err
	case "helm.toolkit.fluxcd.io/HelmRelease":
		chart, _, _ := unstructured.NestedString(object, "spec", "chart", "spec", "chart")
		chartValues, _, err := unstructured.NestedMap(object, "spec", "values")
		return chartValues, chart == "istiod", err
	case "argoproj.io/Application":
		chart, _, _ := unstructured.NestedString(object, "spec", "source", "chart")
		if chart != "istiod" {
			return nil, false, nil
		}
		chartValues, found, err := unstructured.NestedMap(object, "spec", "source", "helm", "valuesObject")
		if found || err != nil {
			return chartValues, true, err
		}
		text, _, _ := unstructured.NestedString(object, "spec", "source", "helm", "values")
		chartValues = map[string]any{}
		return chartValues, true, yaml.Unmarshal([]byte(text), &chartValues)
	}
	return nil, false, nil
}

func readInstallation(source string, rendered []*unstructured.Unstructured) (installation, error) {
	one := installation{Source: source, Env: map[string]string{}}
	for _, m := range rendered {
		d := document{Object: m}
		labels := m.GetLabels()
		switch m.GetKind() {
		case "ConfigMap":
			if config, found, _ := unstructured.NestedString(m.Object, "data", "config"); found && m.GetName() != "" {
				if chartValues, found, _ := unstructured.NestedString(m.Object, "data", "values"); found {
					one.Config, one.Values = config, chartValues
				}
			}
		case "MutatingWebhookConfiguration":
			var typed admissionregistration.MutatingWebhookConfiguration
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(m.Object, &typed); err != nil {
				return one, err
			}
			one.Webhooks = append(one.Webhooks, typed.Webhooks...)
		case "Deployment":
			if labels["app"] == "istiod" && labels["istio.io/rev"] != "default" {
				one.Revision = labels["istio.io/rev"]
			}
		}
		if err := one.overlay(d); err != nil {
			return one, err
		}
	}
	return one, nil
}

// overlay takes what istiod would see of a Deployment with the container `discovery`, or of its mesh ConfigMap. A
// server-side-apply patch holds only some of the variables, therefore they are added to those that are there.
func (one *installation) overlay(d document) error {
	if isMeshConfig(d) {
		one.Mesh, _, _ = unstructured.NestedString(d.Object.Object, "data", "mesh")
		return nil
	}
	if d.Object.GetKind() != "Deployment" {
		return nil
	}
	containers, _, _ := unstructured.NestedSlice(d.Object.Object, "spec", "template", "spec", "containers")
	for _, each := range containers {
		container, ok := each.(map[string]any)
		if !ok || container["name"] != "discovery" {
			continue
		}
		variables, _, _ := unstructured.NestedSlice(container, "env")
		for _, each := range variables {
			variable, ok := each.(map[string]any)
			if !ok {
				continue
			}
			value, present := variable["value"]
			if !present {
				continue
			}
			text, isText := value.(string)
			if !isText {
				return errors.New(d.String() + ": environment values must be strings, as the API server demands")
			}
			one.Env[variable["name"].(string)] = text
		}
	}
	return nil
}
