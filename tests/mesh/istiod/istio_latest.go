//go:build !istio1_24 && !istio1_18

package main

import (
	"istio.io/istio/operator/pkg/helm"
	"istio.io/istio/operator/pkg/manifest"
	"istio.io/istio/operator/pkg/values"
)

func renderChart(chart string, input values.Map) ([]manifest.Manifest, error) {
	rendered, _, err := helm.Render("istiod", "istio-system", chart, input, nil)
	return rendered, err
}
