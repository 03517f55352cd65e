// Command istiod is the part of Istio that gives manifests their meaning, without a cluster: the discovery server, admission
// validation, the analyzers, the charts and the sidecar injector, each as a subcommand that reads manifests and prints JSON.
// One source serves several Istio versions; what differs between them is in istio_*.go, chosen by build tag.
package main

import (
	"cluster.local/meshmend/istiod/answer"
	"fmt"
	"os"
)

var commands = map[string]func([]string) error{
	"serve":    serve,
	"validate": validate,
	"analyze":  analyze,
	"install":  install,
	"inject":   injectCommand,
}

func main() {
	name := ""
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	run, known := commands[name]
	if !known {
		fmt.Fprintln(os.Stderr, "usage: istiod serve | validate [FILE...] | analyze [FILE...] | install | inject   (manifests on stdin)")
		os.Exit(2)
	}
	answer.Begin()
	quietLogs()
	if err := run(os.Args[2:]); err != nil {
		fmt.Fprintf(os.Stderr, "istiod %s: %v\n", name, err)
		os.Exit(1)
	}
}

// failer lets Istio's own test constructors run outside `go test`: any failure ends the process, nothing is recovered.
type failer struct{}

func (failer) Fail()          { os.Exit(1) }
func (failer) FailNow()       { os.Exit(1) }
func (failer) Helper()        {}
func (failer) Cleanup(func()) {} // the process ends with its work; the kernel cleans up
func (failer) Skip(...any)    {}
func (failer) TempDir() string {
	return os.TempDir()
}
func (failer) Log(args ...any)                 { fmt.Fprintln(os.Stderr, args...) }
func (failer) Logf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
func (f failer) Fatal(args ...any) {
	f.Log(args...)
	os.Exit(1)
}
func (f failer) Fatalf(format string, args ...any) {
	f.Logf(format, args...)
	os.Exit(1)
}
