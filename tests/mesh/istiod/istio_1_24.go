//go:build istio1_24

package main

import (
	"istio.io/istio/operator/pkg/helm"
	"istio.io/istio/operator/pkg/manifest"
	"istio.io/istio/operator/pkg/values"
)

// The release could not be named yet.
func renderChart(chart string, input values.Map) ([]manifest.Manifest, error) {
	rendered, _, err := helm.Render("istio-system", chart, input, nil)
	return rendered, err
}
