// Command argocd-cmp-server is Argo CD's own plugin server, as the sidecar of a repo server runs it. `go install` refuses the original
// for the replace directives in its go.mod, so this module repeats them.
package main

import (
	"fmt"
	"os"

	"github.com/argoproj/argo-cd/v3/cmd/argocd-cmp-server/commands"
)

func main() {
	if err := commands.NewCommand().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
